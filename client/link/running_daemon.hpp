#pragma once

#include <chrono>
#include <optional>

#include "common/daemon_record.hpp"
#include "common/paths.hpp"

namespace jackin::client {

/// The daemon that keeps the state folder now, wherever its socket is, as it says in its lock file; nothing when none
/// runs (nobody holds the lock). Asks no daemon and starts none.
std::optional<DaemonRecord> running_daemon(const Paths& paths);

/// Waits until that daemon's process has ended; false when it still runs after `limit`.
bool wait_for_end(const DaemonRecord& daemon, std::chrono::seconds limit);

}  // namespace jackin::client
