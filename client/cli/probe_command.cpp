// SPDX-License-Identifier: Apache-2.0
#include "client/cli/probe_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli/command_line.hpp"
#include "client/cli/program.hpp"
#include "client/cli/scope_choice.hpp"
#include "client/core/health.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/health_mark.hpp"
#include "client/terminal/report.hpp"
#include "client/terminal/text.hpp"
#include "common/untrusted_text.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::client {
namespace {

std::string expiry_text(const v1::ProbeReply& probe) {
  if (probe.expires_on().empty()) return {};
  std::string details;
  if (probe.has_days_left()) details = std::to_string(probe.days_left()) + " days";
  if (probe.expiry_estimated()) details += (details.empty() ? "" : ", ") + std::string("estimated");
  return probe.expires_on() + (details.empty() ? "" : " (" + details + ")");
}

}  // namespace

HealthMark mark_of(const v1::ProbeReply& probe, const OutputStyle& output) {
  return health_mark(from_proto(probe.decision()), from_proto(probe.verdict()), output);
}

std::string verdict_text(const v1::ProbeReply& probe) {
  return spaced(word_of_proto(probe.verdict()));
}

bool is_managed(const v1::ProbeReply& probe) {
  return probe.verdict() != v1::VERDICT_NOT_MANAGED;
}

std::string health_text(const v1::ProbeReply& probe, const OutputStyle& output) {
  return mark_of(probe, output).glyph + " " + verdict_text(probe);
}

Json probe_json(const v1::ProbeReply& probe) {
  Json json;
  json["scope"] = scope_text(probe.scope());
  json["decision"] = word_of_proto(probe.decision());
  json["verdict"] = word_of_proto(probe.verdict());
  put_text(json, "mode", word_of_proto(probe.mode()));
  put_text(json, "source", printable(probe.source()));
  put_text(json, "summary", printable(probe.summary()));
  put_text(json, "remedy", remedy_line(probe.remedy()));
  put_text(json, "fingerprint", probe.fingerprint());
  put_text(json, "expires_on", probe.expires_on());
  if (probe.has_days_left()) json["days_left"] = probe.days_left();
  put_text(json, "checked_at", probe.checked_at());
  json["fresh"] = probe.fresh();
  return json;
}

Report probe_report(const v1::ProbeReply& probe, const OutputStyle& output, Moment now) {
  Report report;
  report.add(probe.scope().workspace().empty() ? "scope" : "workspace",
             probe.scope().workspace().empty() ? "global" : printable(probe.scope().workspace()));
  report.add("role", printable(probe.scope().role()));
  report.add("health", health_text(probe, output));
  report.add("", printable(probe.summary()));
  report.add("mode", word_of_proto(probe.mode()));
  report.add("source", printable(probe.source()));
  report.add("fingerprint", probe.fingerprint());
  report.add("expires", expiry_text(probe));
  if (is_managed(probe)) {
    report.add("checked", time_ago(parse_moment(probe.checked_at()), now) + (probe.fresh() ? "" : " (stale)"));
  }
  return report;
}

std::string try_line(const v1::Remedy& remedy, const OutputStyle& output, const TypedCommand& typed) {
  const std::string line = remedy_line(remedy, typed);
  return line.empty() ? line : output.styled(TextStyle::dim, "try:") + " " + line + "\n";
}

std::string probe_text(const v1::ProbeReply& probe, const OutputStyle& output, Moment now) {
  return probe_report(probe, output, now).text() + try_line(probe.remedy(), output);
}

namespace {

struct ProbeArguments {
  ScopeArguments scope;
  std::string max_age;
  Format format = Format::text;
};

Result<v1::ProbeRequest> probe_request(const ProbeArguments& arguments, const CommandContext& cli) {
  v1::ProbeRequest request;
  if (!arguments.max_age.empty()) {
    const auto age = parse_duration(arguments.max_age);
    if (!age || age->count() == 0) {
      return failure(Reason::invalid_argument,
                     "'" + printable(arguments.max_age) + "' is not a duration (examples: 90s, 10m, 2h, 1d)");
    }
    request.set_max_age_seconds(static_cast<std::uint64_t>(age->count()));
  }
  TRY(const ScopeChoice chosen, choose_scope(arguments.scope, cli));
  *request.mutable_scope() = to_proto(chosen.scope);
  return request;
}

int run_probe(const ProbeArguments& arguments, const CommandContext& cli) {
  const auto request = probe_request(arguments, cli);
  if (!request) return cli.fail(request.error(), arguments.format);
  const auto answer = probe(cli.connector(), *request);
  if (!answer) return cli.fail(answer.error(), arguments.format);
  const v1::ProbeReply& reply = *answer;

  return cli.report(
      arguments.format == Format::json ? as_line(probe_json(reply)) : probe_text(reply, cli.output_style(), cli.now()),
      arguments.format, reply.decision() == v1::DECISION_BLOCK ? exit_unhealthy : exit_done);
}

}  // namespace

void add_probe(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("probe", "Say whether a launch would start");
  command->footer(
      "Examples:\n"
      "  jackinctl probe my-app\n"
      "  jackinctl probe my-app --max-age 10m --format json\n"
      "\n"
      "Exit codes: 0 it would start, 1 failed, 2 wrong usage, 3 it would not start, 4 no daemon.");
  const auto arguments = std::make_shared<ProbeArguments>();
  add_scope(*command, arguments->scope);
  command->add_option("--max-age", arguments->max_age, "Age from which a result is marked as stale, e.g. 10m")
      ->type_name("DUR");
  add_format(*command, arguments->format);
  command->callback(
      [arguments, &chosen] { chosen = [arguments](const CommandContext& cli) { return run_probe(*arguments, cli); }; });
}

}  // namespace jackin::client
