// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/environment.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Where a program of the system's is on PATH: the first that may be run, past folders that are not absolute or that
/// anybody writes to. A name with a slash must be absolute. Error: program_missing.
Result<std::string> locate_command(std::string_view name, const Environment& environment);

/// Whether a started program belongs to the terminal's session, and hears its Ctrl-C, or has a session of its own.
enum class Session { shared, own };

/// Starts `words` (the first is the program's path) with this environment, nothing on stdin, and these two descriptors
/// for what it says; its pid, which the caller waits for. Error: program_failed.
Result<pid_t> start_command(const std::vector<std::string>& words, const Environment& environment, int out, int err,
                            Session session = Session::shared);

/// How a command ended, and what it said on stdout and stderr, the beginning of it.
struct CommandResult {
  int exit_code = 0;  ///< 128 + the signal when one ended it.
  std::string output;
};

/// Runs a command and waits for its end; one that takes longer than `limit` is killed. Blocking. Another exit code than
/// 0 is no error. Errors: program_failed (could not be started), timed_out, those of the system.
Result<CommandResult> run_command(const std::vector<std::string>& words, const Environment& environment,
                                  std::chrono::seconds limit);

/// Reaps a child of ours that has ended, or waits for it: its exit code, as in CommandResult.
int reap(pid_t child);

}  // namespace jackin::client
