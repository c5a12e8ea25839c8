// SPDX-License-Identifier: Apache-2.0
#include "client/cli/operations_command.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/command_line.hpp"
#include "client/cli/program.hpp"
#include "client/core/operations.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/health_mark.hpp"
#include "client/terminal/report.hpp"
#include "client/terminal/text.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {

Json operation_json(const v1::Operation& operation) {
  Json json;
  put_text(json, "id", printable(operation.id()));
  put_text(json, "kind", word_of_proto(operation.kind()));
  json["scope"] = scope_text(operation.scope());
  put_text(json, "step", word_of_proto(operation.step()));
  put_text(json, "detail", printable(operation.detail()));
  put_text(json, "waits_for", word_of_proto(operation.waits_for()));
  put_text(json, "started_at", printable(operation.started_at()));
  if (operation.client().pid() != 0) {
    json["started_by"]["pid"] = operation.client().pid();
    put_text(json["started_by"], "command", printable(operation.client().command()));
  }
  if (!operation.has_result()) return json;
  put_text(json, "outcome", word_of_proto(operation.result().outcome()));
  if (operation.result().has_error()) {
    const Error error = from_proto(operation.result().error());
    Json& shown = json["error"];
    shown["reason"] = std::string(to_code(error.reason));
    shown["message"] = printable(error.message);
    put_text(shown, "remedy", command_line(error.remedy));
  }
  return json;
}

std::string requester_text(const v1::Operation& operation) {
  if (operation.client().pid() == 0) return "jackind";
  return printable(operation.client().command()) + "[" + std::to_string(operation.client().pid()) + "]";
}

namespace {

// Long enough to be unique among the operations of a day.
constexpr std::size_t shown_of_id = 8;

bool was_cancelled(const v1::Operation& operation) {
  return operation.result().outcome() == v1::OPERATION_OUTCOME_FAILED &&
         from_proto(operation.result().error()).reason == Reason::cancelled;
}

// "mint (2 of 8), waits for consent", "done", "failed: …", "cancelled; …"
std::string state_text(const v1::Operation& operation) {
  if (operation.has_result()) {
    // Its message says "cancelled".
    if (was_cancelled(operation)) return printable(operation.result().error().message());
    std::string text = word_of_proto(operation.result().outcome());
    if (operation.result().has_error()) text += ": " + printable(operation.result().error().message());
    return text;
  }
  std::string text = word_of_proto(operation.step());
  if (text.empty()) return "begins";
  if (operation.step_number() > 0) {
    text += " (" + std::to_string(operation.step_number()) + " of " + std::to_string(operation.step_count()) + ")";
  }
  if (operation.waits_for() != v1::WAITS_FOR_UNSPECIFIED) text += ", waits for " + word_of_proto(operation.waits_for());
  return text;
}

TextStyle style_of(const v1::Operation& operation) {
  if (!operation.has_result()) return TextStyle::strong;
  switch (operation.result().outcome()) {
    case v1::OPERATION_OUTCOME_DONE:
      return TextStyle::good;
    case v1::OPERATION_OUTCOME_KEPT:
    case v1::OPERATION_OUTCOME_STUCK:
      return TextStyle::warning;
    default:
      return was_cancelled(operation) ? TextStyle::dim : TextStyle::bad;
  }
}

}  // namespace

std::string operations_text(const std::vector<v1::Operation>& operations, const OutputStyle& output, int columns,
                            Moment now) {
  Table table({"ID", "OPERATION", "WORKSPACE", "STATE", "STARTED", "BY"}, {3, 2}, {5});
  for (const auto& operation : operations) {
    table.add({{printable(operation.id()).substr(0, shown_of_id)},
               {word_of_proto(operation.kind())},
               {scope_text(operation.scope())},
               {state_text(operation), style_of(operation)},
               {time_ago(parse_moment(operation.started_at()), now)},
               {requester_text(operation)}});
  }
  return table.text(output, columns);
}

namespace {

std::string change_text(const v1::Operation& operation, const OutputStyle& output) {
  return printable(operation.id()).substr(0, shown_of_id) + "  " + word_of_proto(operation.kind()) + " " +
         scope_text(operation.scope()) + "  " + output.styled(style_of(operation), state_text(operation)) + "\n";
}

int list_operations(Format format, const CommandContext& cli) {
  const auto connection = cli.connect();
  if (!connection) return cli.fail(connection.error(), format);
  const auto operations = operations_of(*connection);
  if (!operations) return cli.fail(operations.error(), format);
  if (format == Format::text && operations->empty()) {
    return cli.report("no operation is running, and none ended in the last 24 hours\n", format);
  }
  if (format == Format::text) {
    return cli.report(operations_text(*operations, cli.output_style(), cli.columns(), cli.now()), format);
  }
  Json json;
  json["operations"] = Json::array();
  for (const auto& operation : *operations) json["operations"].push_back(operation_json(operation));
  return cli.report(as_line(json), format);
}

int run_watch_operations(Format format, const CommandContext& cli) {
  auto signals = SignalWatch::start({SIGINT, SIGTERM, SIGHUP});
  if (!signals) return cli.fail(signals.error(), format);
  const auto connection = cli.connect();
  if (!connection) return cli.fail(connection.error(), format);
  Result<> written;
  const OutputStyle output = cli.output_style();
  const auto print = [&](const v1::Operation& operation) {
    written = cli.print(format == Format::json ? as_line(operation_json(operation)) : change_text(operation, output));
    return written.has_value();
  };
  const auto ended = watch_operations(*connection, print, interruptible(*signals));
  if (!ended) return cli.fail(ended.error(), format);
  // A closed pipe is not an error.
  if (!written && written.error().reason != Reason::cancelled) return cli.fail(written.error(), format);
  return exit_done;
}

int run_cancel(const std::string& id, Format format, const CommandContext& cli) {
  auto signals = SignalWatch::start({SIGINT, SIGTERM, SIGHUP});
  if (!signals) return cli.fail(signals.error(), format);
  const auto connection = cli.connect(Autostart::no);
  if (!connection) return cli.fail(connection.error(), format);
  const auto ended = cancel_operation(*connection, id, interruptible(*signals));
  if (!ended) return cli.fail(ended.error(), format);
  if (!*ended) return exit_cancelled;
  const v1::Operation& operation = **ended;
  if (format == Format::json) return cli.report(as_line(operation_json(operation)), format);
  const bool is_cancelled = operation.result().error().reason() == to_code(Reason::cancelled);
  return cli.report(word_of_proto(operation.kind()) + " of " + scope_text(operation.scope()) +
                        (is_cancelled ? std::string(": cancelled") : " ended: " + state_text(operation)) + "\n",
                    format);
}

}  // namespace

void add_operations(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("operations", "Show running and recent operations, or cancel one");
  command->require_subcommand(0, 1);
  const auto format = std::make_shared<Format>(Format::text);
  add_format(*command, *format);
  command->footer(
      "Examples:\n"
      "  jackinctl operations\n"
      "  jackinctl operations watch --format json\n"
      "  jackinctl operations cancel k3f9c2b8\n"
      "\n"
      "Exit codes: 0 done, 1 failed or too late to cancel, 2 wrong usage, 4 no daemon, 5 `cancel` stopped by Ctrl-C.");
  command->parse_complete_callback([format, command, &chosen] {
    if (!command->get_subcommands().empty()) return;
    chosen = [format](const CommandContext& cli) { return list_operations(*format, cli); };
  });

  CLI::App* list =
      command->add_subcommand("list", "List the running operations and those that ended in the last 24 hours");
  add_format(*list, *format);
  list->callback(
      [format, &chosen] { chosen = [format](const CommandContext& cli) { return list_operations(*format, cli); }; });

  CLI::App* watched = command->add_subcommand("watch", "Print changes of operations as they happen, until Ctrl-C");
  add_format(*watched, *format);
  watched->callback([format, &chosen] {
    chosen = [format](const CommandContext& cli) { return run_watch_operations(*format, cli); };
  });

  CLI::App* cancel = command->add_subcommand("cancel", "Cancel an operation that has captured no token yet");
  const auto id = std::make_shared<std::string>();
  cancel->add_option("ID", *id, "The operation's ID, or the beginning of it")->required();
  add_format(*cancel, *format);
  cancel->callback([id, format, &chosen] {
    chosen = [id, format](const CommandContext& cli) { return run_cancel(*id, *format, cli); };
  });
}

}  // namespace jackin::client
