// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <csignal>
#include <memory>

#include "client/cli/command_line.hpp"
#include "client/cli/probe_report.hpp"
#include "client/cli/program.hpp"
#include "client/core/health.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/proto_conversion.hpp"

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

  Result<> written;
  const OutputStyle output = cli.output_style();
  const auto print = [&](const v1::WatchEvent& event) {
    written = cli.print(arguments.format == Format::json ? as_line(watch_json(event)) : watch_text(event, output));
    return written.has_value();
  };
  // Ctrl-C is the normal end of a watch.
  const auto ended = watch(*connection, *request, print, interruptible(*signals));
  if (!ended) return cli.fail(ended.error(), arguments.format);
  // A closed pipe is not an error.
  if (!written && written.error().reason != Reason::cancelled) return cli.fail(written.error(), arguments.format);
  return exit_done;
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
