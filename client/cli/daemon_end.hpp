// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/cli/command_context.hpp"
#include "client/terminal/json.hpp"
#include "common/result.hpp"
#include "jackin/v1/daemon.pb.h"

namespace jackin::client {

/// A connection to the daemon that runs, whatever its version; none is started. Errors: those of Connection::reach.
Result<Connection> reach_daemon(const CommandContext& cli);

/// What it is and does. Errors: as it answers.
Result<v1::StatusReply> status_of(const Connection& connection);

/// Ends the daemon and waits until it is gone; its pid. Running operations reach a safe point first; with Format::text
/// people are told which. One that runs but listens nowhere is sent SIGTERM instead, which is said. Errors:
/// daemon_unreachable when none runs, timed_out, and as it answers.
Result<int> stop_daemon(Format format, const CommandContext& cli);

/// The same for one that may not be there. Errors: timed_out, and as it answers.
Result<> end_running_daemon(Format format, const CommandContext& cli);

}  // namespace jackin::client
