// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/readiness.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Starts the jackind that lies beside this program's own binary, never one from PATH, in a session of its own with
/// nothing of ours open, and waits for its word on a pipe. Its environment is `daemon_environment(environment)`, its
/// folders are `paths`. Blocking, at most 90 s. Errors: program_missing, internal, timed_out, and the daemon's own.
Result<Readiness> start_daemon(const Environment& environment, const Paths& paths);

}  // namespace jackin::client
