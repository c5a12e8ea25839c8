// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>

#include "common/environment.hpp"
#include "common/os/descriptor.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Whether a client that finds no daemon starts one.
enum class Autostart { no, yes };

/// Returns a connected socket to the daemon of the state folder. Tries JACKIN_RUNTIME_DIR first, when it is set. Then
/// tries the socket in the lock file, then the default socket. The listener must run as this user. When there is none,
/// Autostart::yes starts one, unless JACKIN_NO_AUTOSTART in `environment` is set and not empty. Blocking, bounded:
/// waits for a daemon with a full queue for JACKIN_CONNECT_SECONDS of `environment`, 10 by default. Errors:
/// daemon_unreachable, permission_denied (the socket belongs to another user), those of `start_daemon`.
Result<os::Descriptor> connect_to_daemon(const Environment& environment, const Paths& paths, Autostart autostart);

/// Returns the pid of the state folder's daemon when it runs but no client can find its socket, for example after the
/// socket was removed. Only a signal reaches this daemon. Blocking, bounded.
std::optional<pid_t> unreachable_daemon(const Environment& environment, const Paths& paths);

}  // namespace jackin::client
