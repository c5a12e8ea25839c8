// SPDX-License-Identifier: Apache-2.0
#include "client/cli/watch_command.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <memory>

#include "client/cli/command_line.hpp"
#include "client/cli/probe_command.hpp"
#include "client/cli/program.hpp"
#include "client/cli/scope_choice.hpp"
#include "client/core/health.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/health_mark.hpp"
#include "client/terminal/text.hpp"
#include "common/untrusted_text.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::client {
namespace {

constexpr int widest_event = 9;  // "removed", "changed", "current", and two blanks

}  // namespace

Json watch_json(const v1::WatchEvent& event) {
  Json json;
  json["event"] = word_of_proto(event.event());
  json.update(probe_json(event.probe()));
  return json;
}

std::string watch_text(const v1::WatchEvent& event, const OutputStyle& output) {
  const v1::ProbeReply& probe = event.probe();
  const std::string scope = output.styled(TextStyle::strong, scope_text(probe.scope()));
  const std::string what = padded(word_of_proto(event.event()), widest_event);
  if (event.event() == v1::HEALTH_EVENT_REMOVED) return what + scope + "\n";
  const HealthMark mark = mark_of(probe, output);
  std::string line = what + scope + "  " + output.styled(mark.style, mark.glyph) + " " + verdict_text(probe);
  if (!probe.summary().empty()) line += ": " + printable(probe.summary());
  return line + "\n";
}

namespace {

struct WatchArguments {
  ScopeArguments scope;
  Format format = Format::text;
};

Result<v1::WatchRequest> watch_request(const WatchArguments& arguments, const CommandContext& cli) {
  v1::WatchRequest request;
  if (arguments.scope.given()) {
    TRY(const ScopeChoice chosen, choose_scope(arguments.scope, cli));
    *request.mutable_scope() = to_proto(chosen.scope);
  }
  return request;
}

int run_watch(const WatchArguments& arguments, const CommandContext& cli) {
  const auto request = watch_request(arguments, cli);
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
  add_scope(*command, arguments->scope, "all");
  add_format(*command, arguments->format);
  command->callback(
      [arguments, &chosen] { chosen = [arguments](const CommandContext& cli) { return run_watch(*arguments, cli); }; });
}

}  // namespace jackin::client
