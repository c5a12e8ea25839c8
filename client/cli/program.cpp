// SPDX-License-Identifier: Apache-2.0
#include "client/cli/program.hpp"

#include <CLI/CLI.hpp>

#include "client/cli/command_line.hpp"
#include "common/version.hpp"

namespace jackin::client {
int run_jackinctl(std::vector<std::string> arguments, const CommandContext& context) {
  CLI::App app("Create, store and check the Claude Code tokens of your workspaces.", "jackinctl");
  app.set_version_flag("--version", "jackinctl " + std::string(version()));
  app.require_subcommand(1);

  Chosen chosen;
  add_setup(app, chosen);
  add_rotate(app, chosen);
  add_revoke(app, chosen);
  add_probe(app, chosen);
  add_doctor(app, chosen);
  add_status(app, chosen);
  add_show(app, chosen);
  add_watch(app, chosen);
  add_operations(app, chosen);
  std::vector<std::string> command;
  add_launch(app, chosen, command);
  add_list(app, chosen);
  add_lock(app, chosen);
  add_tui(app, chosen);
  add_daemon(app, chosen);
  add_logs(app, chosen);
  add_completion(app, chosen);
  add_help(app, chosen);
  add_version(app, chosen);

  // jackin's syntax for the same commands.
  CLI::App* workspace =
      app.add_subcommand("workspace", "Run COMMAND in jackin's syntax: workspace claude-token COMMAND");
  workspace->require_subcommand(1);
  CLI::App* claude_token = workspace->add_subcommand("claude-token", "Manage a workspace's Claude token");
  claude_token->require_subcommand(1);
  add_setup(*claude_token, chosen);
  add_rotate(*claude_token, chosen);
  add_revoke(*claude_token, chosen);
  add_doctor(*claude_token, chosen);
  // Set after the subcommands are added, so that they do not inherit the footer.
  app.footer(
      "Examples:\n"
      "  jackinctl setup my-app --create\n"
      "  jackinctl status\n"
      "  jackin-hook exec my-app -- claude");

  if (!arguments.empty() && arguments.front() == "__complete") {
    arguments.erase(arguments.begin());
    return run_complete(app, std::move(arguments), context);
  }
  CommandContext cli = context;
  cli.typed = {"jackinctl"};
  cli.typed.insert(cli.typed.end(), arguments.begin(), arguments.end());
  arguments = with_format_behind_command(app, std::move(arguments));
  command = take_command(arguments);
  const int wrong_usage = exit_for_wrong_usage(arguments);
  if (const auto stop = parse_arguments(app, std::move(arguments))) {
    cli.complain(stop->error);
    return cli.report(stop->out, Format::text, stop->exit_code == exit_done ? exit_done : wrong_usage);
  }
  return chosen(cli);
}

}  // namespace jackin::client
