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

/// The child's descriptors 0, 1 and 2. Each must be above 2 and remains the caller's.
struct ChildStreams {
  int input = -1;
  int output = -1;
  int errors = -1;
  bool terminal = false;  ///< They are a terminal that becomes the child's controlling terminal.
};

/// A child process, leader of its own session and process group. Its pid stays reserved until it is reaped, so it is
/// reaped last. The destructor kills the group and reaps. Movable; one thread.
class Child {
 public:
  /// The only function that forks. It does not wait for the exec, which hangs when the program's file system hangs;
  /// `started` returns the outcome. The child gets exactly the environment, directory and streams of the call. It has
  /// no other descriptor, the daemon's original soft limit on descriptors, and no blocked or ignored signal. It keeps
  /// umask 077: files that claude or op write may contain a credential, and these programs widen the mode where they
  /// need to. Errors: program_failed.
  static Result<Child> start(const ProgramCall& call, const ChildStreams& streams);

  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  pid_t pid() const noexcept { return pid_; }

  /// A descriptor that becomes readable, and stays so, when the program runs or failed to start.
  int start_descriptor() const noexcept { return report_.get(); }

  /// Whether the program runs, as far as is known. The answer is final once the descriptor is readable or the child has
  /// ended. Call once. Never blocks. Errors: program_missing (the program or its interpreter does not exist),
  /// program_failed.
  Result<> started() const;

  /// Sends a signal to the whole group. Does nothing after reaping.
  void signal(int number) noexcept;

  /// The exit code (128 + signal when a signal ended it) once the child itself has ended. Never blocks, never reaps.
  std::optional<int> exit_code() noexcept;

  /// Waits for the child's end, reaps it and returns the exit code. Leaves other processes of its group running (a
  /// program may leave its own helper behind).
  int reap() noexcept;

  /// Kills the whole group, reaps, and returns the exit code.
  int end() noexcept;

 private:
  Child(pid_t pid, os::Descriptor report, const ProgramCall& call)
      : pid_(pid), report_(std::move(report)), program_(call.program), directory_(call.directory) {}

  pid_t pid_ = -1;
  os::Descriptor report_;  // the child reports here why exec failed; the exec closes it
  std::filesystem::path program_;
  std::filesystem::path directory_;
  bool reaped_ = false;
  std::optional<int> exit_code_;
};

}  // namespace jackin::process
