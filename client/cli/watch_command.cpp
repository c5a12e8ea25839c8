// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <csignal>
#include <memory>

#include "client/cli/command_line.hpp"
#include "client/cli/interruptible.hpp"
#include "client/cli/probe_report.hpp"
#include "client/cli/program.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/liveness.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "jackin/v1/health.grpc.pb.h"

namespace jackin::client {
namespace {

struct WatchArguments {
  ScopeArguments scope;
  Format format = Format::text;
};

Result<v1::WatchRequest> watch_request(const WatchArguments& arguments) {
  v1::WatchRequest request;
  if (arguments.scope.given()) {
    TRY(const Scope scope, scope_of(arguments.scope));
    *request.mutable_scope() = to_proto(scope);
  }
  return request;
}

int run_watch(const WatchArguments& arguments, const CommandContext& cli) {
  const auto request = watch_request(arguments);
  if (!request) return cli.fail(request.error(), arguments.format);
  auto signals = SignalWatch::start({SIGINT, SIGTERM, SIGHUP});
  if (!signals) return cli.fail(signals.error(), arguments.format);
  const auto connection = cli.connect();
  if (!connection) return cli.fail(connection.error(), arguments.format);

  // No deadline: the call lasts until the user ends it.
  grpc::ClientContext context;
  Liveness liveness(*connection, context);
  grpc::Status status;
  Result<> written;
  const auto stub = v1::Health::NewStub(connection->channel());
  const bool interrupted = run_interruptible(*signals, context, [&] {
    const auto stream = stub->Watch(&context, *request);
    const OutputStyle output = cli.output_style();
    v1::WatchEvent event;
    while (written && stream->Read(&event)) {
      liveness.heard();
      written = cli.print(arguments.format == Format::json ? as_line(watch_json(event)) : watch_text(event, output));
    }
    liveness.no_more();
    if (!written) context.TryCancel();
    status = stream->Finish();
  });
  // Ctrl-C is the normal end of a watch.
  if (interrupted) return exit_done;
  if (!written) {
    // A closed pipe is not an error.
    if (written.error().reason == Reason::cancelled) return exit_done;
    return cli.fail(written.error(), arguments.format);
  }
  const auto ended = liveness.outcome(status);
  return ended ? exit_done : cli.fail(ended.error(), arguments.format);
}

}  // namespace

void add_watch(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("watch", "Print health changes as they happen, until Ctrl-C");
  command->footer(
      "Examples:\n"
      "  jackinctl watch\n"
      "  jackinctl watch my-app --format json\n"
      "\n"
      "Exit codes: 0 ended by Ctrl-C, 1 failed, 2 wrong usage, 4 no daemon or the daemon ended.");
  const auto arguments = std::make_shared<WatchArguments>();
  add_scope(*command, arguments->scope);
  add_format(*command, arguments->format);
  command->callback(
      [arguments, &chosen] { chosen = [arguments](const CommandContext& cli) { return run_watch(*arguments, cli); }; });
}

}  // namespace jackin::client
