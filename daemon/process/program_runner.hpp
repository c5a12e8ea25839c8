// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/environment.hpp"
#include "common/os/locate_program.hpp"
#include "common/os/process_identity.hpp"
#include "common/outside_text.hpp"
#include "common/secret.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/task.hpp"

namespace jackin {

/// A program to run. The environment is complete: the program inherits nothing from the daemon.
struct ProgramCall {
  std::filesystem::path program;       ///< Absolute; it is not searched for again.
  std::vector<std::string> arguments;  ///< Without argv[0]. Never a secret: argv is public.
  Environment environment;
  std::filesystem::path directory = "/";
  std::optional<Secret> input;  ///< Written to stdin through a real pipe (a FIFO); without it stdin is /dev/null.
  std::chrono::seconds limit{30};
  std::size_t output_limit =
      std::size_t{64} * 1024;  ///< The program is killed when it writes more than this to stdout.
};

/// How a program ended.
struct ProgramResult {
  int exit_code = 0;   ///< The exit code; 128 + the signal when a signal ended it.
  Secret output;       ///< The whole of stdout. Always treated as secret.
  OutsideText errors;  ///< The last 4 KiB of stderr. For messages, not for decisions alone.
  /// It wrote more than the limit and was killed for it: `output` is only its beginning, `exit_code` is 128 + SIGKILL.
  bool too_much_output = false;
};

/// Finds and runs programs. The daemon passes one in; tests pass another. Daemon's thread only.
class ProgramRunner {
 public:
  virtual ~ProgramRunner() = default;

  /// `locate_program` without blocking the caller's thread, for 5 s at most. Errors: program_missing, timed_out (the
  /// message names the folder that does not answer), cancelled.
  virtual Task<FoundProgram> locate(std::string name, std::string search_path) = 0;

  /// Runs the program in its own session and process group, without a shell and without a terminal. Waits until the
  /// process itself has ended; a grandchild that keeps the pipes open delays nothing. After `limit`, on too much
  /// output, and when the awaiting coroutine is cancelled, it kills and reaps the whole process group before it
  /// returns. A process that the kernel cannot end, as on a mount whose server does not answer, is reaped later. An
  /// exit code other than 0 is a result, not an error. Errors: program_missing, program_failed (could not be started),
  /// timed_out, cancelled.
  virtual Task<ProgramResult> run(ProgramCall call) = 0;
};

/// `home`: the mount with it counts as no separate mount (`os::separate_mounts`).
std::unique_ptr<ProgramRunner> system_program_runner(asio::any_io_executor executor, Clock& clock,
                                                     std::filesystem::path home = {});

}  // namespace jackin
