// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli/command_line.hpp"
#include "client/cli/probe_report.hpp"
#include "client/cli/program.hpp"
#include "client/core/health.hpp"
#include "client/rpc/exit_code.hpp"
#include "common/text_characters.hpp"

namespace jackin::client {
namespace {

struct StatusArguments {
  std::string workspace;
  Format format = Format::text;
};

int run_status(const StatusArguments& arguments, const CommandContext& cli) {
  v1::OverviewRequest request;
  if (!arguments.workspace.empty()) {
    const auto scope = Scope::workspace(unescaped_bytes(arguments.workspace));
    if (!scope) return cli.fail(scope.error(), arguments.format);
    request.set_workspace(scope->workspace_name());
  }
  const auto answer = overview(cli.connector(), request);
  if (!answer) return cli.fail(answer.error(), arguments.format);
  const v1::OverviewReply& reply = *answer;
  if (arguments.format == Format::json) {
    const auto write = [&cli](const std::string& piece) { return cli.print(piece); };
    return cli.reported(write_status_json(reply, write), arguments.format);
  }
  return cli.report(status_text(reply, cli.output_style(), cli.columns(), cli.now()), arguments.format);
}

}  // namespace

void add_status(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("status", "Show mode, source, health and days left of every workspace");
  command->footer(
      "Examples:\n"
      "  jackinctl status\n"
      "  jackinctl status my-app --format json\n"
      "\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 4 no daemon.");
  const auto arguments = std::make_shared<StatusArguments>();
  command->add_option("workspace", arguments->workspace, "Show only this workspace and its roles")
      ->type_name("WORKSPACE");
  add_format(*command, arguments->format);
  command->callback([arguments, &chosen] {
    chosen = [arguments](const CommandContext& cli) { return run_status(*arguments, cli); };
  });
}

}  // namespace jackin::client
