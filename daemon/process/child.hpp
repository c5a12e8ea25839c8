// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "common/os/descriptor.hpp"
#include "common/result.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::process {

/// What a new child gets as descriptors 0, 1 and 2; each above 2 and still the caller's afterwards.
struct ChildStreams {
  int input = -1;
  int output = -1;
  int errors = -1;
  bool terminal = false;  ///< They are a terminal, to become the child's controlling one.
};

/// A child process, leader of a session and a process group of its own. As long as it is not reaped its pid belongs to
/// nobody else, so it is reaped at the very end only. The destructor kills the group and reaps. Movable; one thread.
class Child {
 public:
  /// The only place that forks. Does not wait for the exec, which hangs where the program's file system does: what
  /// became of it is told by `started`. The child gets exactly the environment, directory and streams it is given, no
  /// other descriptor, the daemon's own first limit on descriptors, no blocked or ignored signal, and keeps umask 077:
  /// what claude or op write meanwhile may be a credential, and what they want wider they make so themselves. Errors:
  /// program_failed.
  static Result<Child> start(const ProgramCall& call, const ChildStreams& streams);

  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  pid_t pid() const noexcept { return pid_; }

  /// A descriptor that becomes readable, and stays so, when the program runs or could not be made to run.
  int start_descriptor() const noexcept { return report_.get(); }

  /// Whether the program runs, as far as is known: once the descriptor is readable, or the child has ended, that is
  /// certain. Ask once. Never blocks. Errors: program_missing (not there, or its interpreter), program_failed.
  Result<> started() const;

  /// Sends a signal to all of the group. Nothing happens once it is reaped.
  void signal(int number) noexcept;

  /// The exit code (128 + signal when a signal ended it) once the child itself has ended. Never blocks, never reaps.
  std::optional<int> exit_code() noexcept;

  /// Reaps the child, waiting for its end, and lets what is left of its group be (a program may leave a helper of its
  /// own behind); the exit code.
  int reap() noexcept;

  /// Kills all of the group and reaps; the exit code.
  int end() noexcept;

 private:
  Child(pid_t pid, os::Descriptor report, const ProgramCall& call)
      : pid_(pid), report_(std::move(report)), program_(call.program), directory_(call.directory) {}

  pid_t pid_ = -1;
  os::Descriptor report_;  // where the child says why there is no exec; closed by the exec
  std::filesystem::path program_;
  std::filesystem::path directory_;
  bool reaped_ = false;
  std::optional<int> exit_code_;
};

}  // namespace jackin::process
