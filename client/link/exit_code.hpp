#pragma once

#include "common/error.hpp"

namespace jackin::client {

/// The exit codes of all our programs.
enum class ExitCode : int {
  done = 0,
  failed = 1,
  wrong_usage = 2,
  unhealthy = 3,  ///< The probe says BLOCK, or doctor found a fault.
  daemon_unreachable = 4,
  cancelled = 5,  ///< Cancelled, or detached from what goes on.
  busy = 6,
};

/// The one that a failure ends a program with.
ExitCode exit_code_for(const Error& error);

}  // namespace jackin::client
