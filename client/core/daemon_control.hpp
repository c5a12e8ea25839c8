// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/cli/command_context.hpp"
#include "client/terminal/json.hpp"
#include "common/result.hpp"
#include "jackin/v1/daemon.pb.h"

namespace jackin::client {

/// Connects to the running daemon, whatever its version. Starts no daemon. Errors: those of Connection::reach.
Result<Connection> reach_daemon(const CommandContext& cli);

/// Asks the daemon for its status. Errors: those of the call.
Result<v1::StatusReply> status_of(const Connection& connection);

/// Stops the daemon, waits until it has exited, and returns its pid. Running operations reach a safe point first; with
/// Format::text the client prints which ones. A daemon that runs but listens nowhere is sent SIGTERM instead, and the
/// client prints that. Errors: daemon_unreachable when none runs, timed_out, and those of the call.
Result<int> stop_daemon(Format format, const CommandContext& cli);

/// The same, but no running daemon is not an error. Errors: timed_out, and those of the call.
Result<> end_running_daemon(Format format, const CommandContext& cli);

}  // namespace jackin::client
