// SPDX-License-Identifier: Apache-2.0
#include "client/cli/show_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "client/cli/command_line.hpp"
#include "client/cli/doctor_command.hpp"
#include "client/cli/operations_command.hpp"
#include "client/cli/probe_command.hpp"
#include "client/cli/program.hpp"
#include "client/cli/scope_choice.hpp"
#include "client/cli/scope_names.hpp"
#include "client/cli/token_report.hpp"
#include "client/core/health.hpp"
#include "client/core/operations.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/health_mark.hpp"
#include "client/terminal/report.hpp"
#include "common/untrusted_text.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::client {
namespace {

constexpr std::size_t most_sharers_named = 10;

std::string sharers_text(const v1::DetailsReply& details) {
  std::vector<std::string> some;
  for (const v1::Scope& scope : details.shared_with()) {
    if (some.size() < most_sharers_named) some.push_back(scope_text(scope));
  }
  return few_names(some, static_cast<std::size_t>(details.shared_with_size()));
}

std::string owner_text(const v1::ProbeReply& probe) {
  if (!probe.has_owner() || is_same(probe.owner(), probe.scope())) return {};
  return scope_text(probe.owner());
}

std::string history_text(const v1::DetailsReply& details, const OutputStyle& output, int columns, Moment now) {
  Table table({"SINCE", "HEALTH", "SUMMARY"}, {2});
  for (const v1::HistoryEntry& entry : details.history()) {
    table.add({{time_ago(parse_moment(entry.at()), now), TextStyle::dim},
               {spaced(word_of_proto(entry.verdict()))},
               {printable(entry.summary())}});
  }
  return table.text(output, columns);
}

void add_section(std::string& text, std::string_view heading, const std::string& section, const OutputStyle& output) {
  text += "\n" + output.styled(TextStyle::strong, heading) + "\n" + section;
}

}  // namespace

Json show_json(const ShownScope& shown) {
  const v1::DetailsReply& details = shown.details;
  Json json = probe_json(details.probe());
  if (details.probe().has_owner()) json["owner"] = scope_text(details.probe().owner());
  json["created_by_jackind"] = details.probe().created_by_jackind();
  json["expiry_estimated"] = details.probe().expiry_estimated();
  put_text(json, "recorded_at", printable(details.recorded_at()));
  put_text(json, "slot_file", printable(details.file()));
  json["shared_with"] = Json::array();
  for (const v1::Scope& scope : details.shared_with()) json["shared_with"].push_back(scope_text(scope));
  json["findings"] = findings_json(details.findings());
  json["history"] = Json::array();
  for (const v1::HistoryEntry& entry : details.history()) {
    Json one;
    one["verdict"] = word_of_proto(entry.verdict());
    put_text(one, "summary", printable(entry.summary()));
    put_text(one, "at", printable(entry.at()));
    json["history"].push_back(std::move(one));
  }
  json["holders"] = processes_json(details.holders());
  json["operations"] = Json::array();
  for (const v1::Operation& operation : shown.operations) json["operations"].push_back(operation_json(operation));
  return json;
}

std::string show_text(const ShownScope& shown, const OutputStyle& output, int columns, Moment now) {
  const v1::DetailsReply& details = shown.details;
  Report report = probe_report(details.probe(), output, now);
  report.add("set in", printable(details.file()));
  report.add("set by", owner_text(details.probe()));
  if (!details.recorded_at().empty()) report.add("recorded", time_ago(parse_moment(details.recorded_at()), now));
  if (details.probe().created_by_jackind()) report.add("created by", "jackind");
  report.add("shared with", sharers_text(details));
  for (const v1::Process& holder : details.holders()) {
    report.add("used by", std::to_string(holder.pid()) + "  " + printable(holder.command()));
  }
  std::string text = report.text() + try_line(details.probe().remedy(), output);
  if (!details.findings().empty())
    add_section(text, "findings", findings_text(details.findings(), output, columns), output);
  if (!shown.operations.empty()) {
    add_section(text, "operations", operations_text(shown.operations, output, columns, now), output);
  }
  if (!details.history().empty()) add_section(text, "history", history_text(details, output, columns, now), output);
  return text;
}

namespace {

struct ShowArguments {
  ScopeArguments scope;
  Format format = Format::text;
};

Result<ShownScope> shown_scope(const ShowArguments& arguments, const CommandContext& cli) {
  TRY(const ScopeChoice chosen, choose_scope(arguments.scope, cli));
  TRY(const Connection connection, cli.connect());
  ShownScope shown;
  TRY(shown.details, details_of(connection, chosen.scope));
  TRY(auto operations, operations_of(connection));
  const v1::Scope scope = to_proto(chosen.scope);
  for (v1::Operation& operation : operations) {
    if (is_same(operation.scope(), scope)) shown.operations.push_back(std::move(operation));
  }
  return shown;
}

int run_show(const ShowArguments& arguments, const CommandContext& cli) {
  const auto shown = shown_scope(arguments, cli);
  if (!shown) return cli.fail(shown.error(), arguments.format);
  return cli.report(arguments.format == Format::json ? as_line(show_json(*shown))
                                                     : show_text(*shown, cli.output_style(), cli.columns(), cli.now()),
                    arguments.format);
}

}  // namespace

void add_show(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("show", "Show all that is known of a workspace's token");
  command->footer(
      "Examples:\n"
      "  jackinctl show my-app\n"
      "  jackinctl show my-app --role reviewer --format json\n"
      "\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 4 no daemon.");
  const auto arguments = std::make_shared<ShowArguments>();
  add_scope(*command, arguments->scope);
  add_format(*command, arguments->format);
  command->callback(
      [arguments, &chosen] { chosen = [arguments](const CommandContext& cli) { return run_show(*arguments, cli); }; });
}

}  // namespace jackin::client
