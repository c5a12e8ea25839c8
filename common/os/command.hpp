// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/environment.hpp"
#include "common/result.hpp"

namespace jackin {

/// Finds a system program on PATH: the first executable one. Skips folders that are not absolute, and folders that any
/// user can write. A name with a slash must be absolute. Errors: program_missing.
Result<std::string> locate_command(std::string_view name, const Environment& environment);

/// Whether a started program shares the terminal's session, and so receives Ctrl-C, or has a session of its own.
enum class CommandSession { shared, own };

/// Starts `words` (the first is the program's path) with this environment, with stdin from /dev/null, and with these
/// two descriptors for its output. Returns the pid; the caller waits for it. Errors: program_failed.
Result<pid_t> start_command(const std::vector<std::string>& words, const Environment& environment, int out, int err,
                            CommandSession session = CommandSession::shared);

/// The exit code of a command, and the beginning of its output on stdout and stderr.
struct CommandResult {
  int exit_code = 0;  ///< 128 + the signal number when a signal ended it.
  std::string output;
};

/// Runs a command and waits for it. Kills a command that takes longer than `limit`. Blocking. An exit code other than 0
/// is not an error. Errors: program_failed (could not be started), timed_out, those of the system.
Result<CommandResult> run_command(const std::vector<std::string>& words, const Environment& environment,
                                  std::chrono::seconds limit);

/// Reaps a child process, waiting for it if necessary. Returns its exit code, as in CommandResult.
int reap(pid_t child);

}  // namespace jackin
