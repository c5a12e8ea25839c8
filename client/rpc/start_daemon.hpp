// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/readiness.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Starts the jackind beside this program's own binary, never one from PATH, and waits for its readiness line on a
/// pipe. The daemon gets a session of its own and inherits no open descriptors. Its environment is
/// `daemon_environment(environment)`, its folders are `paths`. Blocking, at most 90 s. Errors: program_missing,
/// internal, timed_out, and the daemon's own.
Result<Readiness> start_daemon(const Environment& environment, const Paths& paths);

}  // namespace jackin::client
