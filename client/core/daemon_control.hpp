// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

#include "client/rpc/connection.hpp"
#include "common/environment.hpp"
#include "common/result.hpp"
#include "jackin/v1/daemon.pb.h"

namespace jackin::client {

/// Connects to the running daemon, whatever its version. Starts no daemon. Errors: those of Connection::reach.
Result<Connection> reach_daemon(const Environment& environment);

/// Asks the daemon for its status. Errors: those of the call.
Result<v1::StatusReply> status_of(const Connection& connection);

/// Whether the daemon runs the operation with this ID and will finish it even if its client ends. False when the
/// operation waits for an answer or has ended, and when the daemon does not answer.
bool runs_to_its_end(const Connection& connection, const std::string& operation);

/// Makes the daemon drop the cached tokens. Returns their number. Errors: those of the call.
Result<std::uint32_t> drop_cached_tokens(const Connection& connection);

/// What a client shows while a daemon stops. Both functions may be empty.
struct StopListener {
  /// Called once a second with the operations and calls that the daemon waits for.
  std::function<void(const v1::StatusReply& status)> on_waiting;
  /// The daemon runs but does not listen on `socket`, so it is ended by a signal.
  std::function<void(pid_t pid, const std::string& socket)> on_signal;
};

/// Stops the daemon, waits until it has exited, and returns its pid. Running operations reach a safe point first. A
/// daemon that runs but listens nowhere is sent SIGTERM instead. Blocking, for minutes. Errors: daemon_unreachable when
/// none runs, timed_out, and those of the call.
Result<int> stop_daemon(const Environment& environment, const StopListener& listener);

}  // namespace jackin::client
