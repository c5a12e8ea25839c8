// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/cli/command_context.hpp"
#include "client/cli/token_arguments.hpp"
#include "client/rpc/connection.hpp"
#include "client/terminal/signal_watch.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// The terminal for the steps and claude's screen: stderr, so that stdout has only the report, else stdout. -1 when
/// there is no terminal to draw on and to read from.
int screen_for(Format format, const CommandContext& cli);

/// Starts to catch the signals that a setup or a rotation handles. Errors: io_failed when no pipe can be created.
Result<SignalWatch> watch_signals_of_token_run();

/// Whether stdin is closed or is /dev/null, so that no code can be read. A mint without a terminal needs the code.
bool no_code_can_come(Format format, const CommandContext& cli);

/// Runs a setup or a rotation at the daemon, from the request to the end. Handles events from the daemon, input from
/// the user and signals. `first` is the request; this function sets the parts that depend on the terminal. Errors: the
/// operation's own; cancelled, also when the user detached from an operation that continues; needs_confirmation without
/// a terminal.
Result<v1::TokenReport> run_token_operation(const Connection& connection, v1::TokenInput first, const Scope& scope,
                                            const TokenArguments& arguments, const CommandContext& cli,
                                            SignalWatch& signals);

}  // namespace jackin::client
