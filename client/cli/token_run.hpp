// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/cli/command_context.hpp"
#include "client/cli/token_request.hpp"
#include "client/rpc/connection.hpp"
#include "client/terminal/signal_watch.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// Where the steps and claude's screen are drawn: stderr, so that stdout has the report alone, else stdout; -1 when
/// there is no terminal to draw on and to type at.
int screen_for(Format format, const CommandContext& cli);

/// The signals that a setup or a rotation has to see. io_failed when no pipe is to be had.
Result<SignalWatch> watch_signals_of_token_run();

/// Whether it is certain before anything begins that nobody can say the code that a mint without a terminal needs:
/// stdin is closed, or is /dev/null.
bool no_code_can_come(Format format, const CommandContext& cli);

/// Sees a setup or a rotation through at the daemon, from its request to its end: what comes from the daemon, from the
/// user and from the system. `first` is the request; what depends on the terminal is filled in here. Errors: the
/// operation's own; cancelled, also when the user detached from one that goes on; needs_confirmation without a
/// terminal.
Result<v1::TokenReport> run_token_operation(const Connection& connection, v1::TokenInput first, const Scope& scope,
                                            const TokenArguments& arguments, const CommandContext& cli,
                                            SignalWatch& signals);

}  // namespace jackin::client
