#pragma once

#include "common/daemon_record.hpp"
#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Starts the jackind that lies beside this program (never one from PATH) for the folders of `paths`, in a session of
/// its own, without a terminal and with what `kept_by_daemon` leaves of `environment`. Returns once it, or another that
/// was quicker, listens: the record says which, and where. Errors: daemon_unreachable (no such program; it ended
/// without a word), timed_out, and the daemon's own.
Result<DaemonRecord> start_daemon(const Paths& paths, const Environment& environment);

}  // namespace jackin::client
