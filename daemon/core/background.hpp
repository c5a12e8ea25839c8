// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "common/result.hpp"

namespace jackin {

/// Goes on in a process of its own: in a session without a terminal, with /dev/null as stdin, stdout and stderr. In
/// that process it returns the descriptor on which to say that the daemon listens; in the one that was started it waits
/// for this word, tells the user, and ends with 0 when a daemon listens, else 1. Call it while there is one thread.
/// Errors: io_failed.
Result<int> go_to_background();

/// Whether systemd or launchd started this very process.
bool started_by_service_manager();

}  // namespace jackin
