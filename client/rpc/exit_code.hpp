// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/error.hpp"

namespace jackin::client {

/// The exit codes of jackin's programs.
enum ExitCode : int {
  exit_done = 0,
  exit_failed = 1,
  exit_usage = 2,
  exit_unhealthy = 3,
  exit_unreachable = 4,
  exit_cancelled = 5,
  exit_busy = 6,
};

/// Returns the exit code for an error.
int exit_code_for(Reason reason);

}  // namespace jackin::client
