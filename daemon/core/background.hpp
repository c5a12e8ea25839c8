// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "common/result.hpp"

namespace jackin {

/// Detaches the daemon: forks a child in a new session without a terminal, with /dev/null as stdin, stdout and stderr.
/// In the child it returns the descriptor on which the daemon reports that it listens. The parent waits for this
/// report, informs the user, and exits with 0 when a daemon listens, else 1. Call it while the process has one thread.
/// Errors: io_failed.
Result<int> go_to_background();

/// Whether systemd or launchd started this process.
bool started_by_service_manager();

}  // namespace jackin
