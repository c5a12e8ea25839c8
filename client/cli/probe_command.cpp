// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli/command_line.hpp"
#include "client/cli/probe_report.hpp"
#include "client/cli/program.hpp"
#include "client/core/health.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

struct ProbeArguments {
  ScopeArguments scope;
  std::string max_age;
  Format format = Format::text;
};

Result<v1::ProbeRequest> probe_request(const ProbeArguments& arguments) {
  TRY(const Scope scope, scope_of(arguments.scope));
  v1::ProbeRequest request;
  *request.mutable_scope() = to_proto(scope);
  if (arguments.max_age.empty()) return request;
  const auto age = parse_duration(arguments.max_age);
  if (!age || age->count() == 0) {
    return failure(Reason::invalid_argument,
                   "'" + printable(arguments.max_age) + "' is not a duration (examples: 90s, 10m, 2h, 1d)");
  }
  request.set_max_age_seconds(static_cast<std::uint64_t>(age->count()));
  return request;
}

int run_probe(const ProbeArguments& arguments, const CommandContext& cli) {
  const auto request = probe_request(arguments);
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
  CLI::App* command = parent.add_subcommand("probe", "Say whether a launch would start, from cached results");
  command->footer(
      "Examples:\n"
      "  jackinctl probe my-app\n"
      "  jackinctl probe my-app --max-age 10m --format json\n"
      "\n"
      "Exit codes: 0 it would start, 1 failed, 2 wrong usage, 3 it would not start, 4 no daemon.");
  const auto arguments = std::make_shared<ProbeArguments>();
  add_scope(*command, arguments->scope);
  command->add_option("--max-age", arguments->max_age, "Mark an older result as stale, e.g. 10m")->type_name("DUR");
  add_format(*command, arguments->format);
  command->callback(
      [arguments, &chosen] { chosen = [arguments](const CommandContext& cli) { return run_probe(*arguments, cli); }; });
}

}  // namespace jackin::client
