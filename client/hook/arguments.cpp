// SPDX-License-Identifier: Apache-2.0
#include "client/hook/arguments.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

#include "client/hook/hook.hpp"
#include "client/terminal/error_text.hpp"
#include "common/pasted_credential.hpp"
#include "common/version.hpp"

namespace jackin::client {
namespace {

ParseStop wrong_usage(const Error& error, std::vector<std::string> command) {
  Error complete = error;
  if (complete.remedy.empty()) complete.remedy = Remedy::show_help(std::move(command));
  return {exit_usage, "", error_text(complete, Format::text, OutputStyle{})};
}

std::variant<HookCommand, ParseStop> parse(std::vector<std::string> arguments, std::vector<std::string> command) {
  CLI::App app("Check a workspace's token before a launch, and start the command with the token.", "jackin-hook");
  app.set_version_flag("--version", "jackin-hook " + std::string(version()));
  app.require_subcommand(1);

  ScopeArguments scope;
  CLI::App* probe = app.add_subcommand("probe", "Say whether a launch would start");
  add_scope(*probe, scope);

  ExecCommand exec;
  CLI::App* exec_command = app.add_subcommand("exec", "Run COMMAND with the workspace's token");
  add_scope(*exec_command, scope);
  exec_command->add_option("--provision", exec.provision, "Folder to write account.json and credentials.json into")
      ->type_name("DIR");
  const auto take_way = [&exec](const std::string& word) {
    exec.via = choice_of("--via", word, {"env", "fd"}) == 0 ? Via::env : Via::fd;
  };
  exec_command
      ->add_option_function<std::string>("--via", take_way,
                                         "Way to pass the token: in the environment or on a descriptor")
      ->type_name("env|fd");
  exec_command->add_flag("--quiet", exec.quiet, "Print no banner and no warnings");
  exec_command->footer(
      "Examples:\n"
      "  jackin-hook exec my-app -- claude -p ping\n"
      "  jackin-hook exec my-app -- docker run -e CLAUDE_CODE_OAUTH_TOKEN image\n"
      "\n"
      "Exit codes: 125 jackin-hook failed or the launch would not start, 126 COMMAND cannot be run,\n"
      "127 COMMAND was not found, else COMMAND's own.");

  EnvCommand env;
  CLI::App* env_command = app.add_subcommand("env", "Write NAME=VALUE and a zero byte to a descriptor");
  add_scope(*env_command, scope);
  env_command->add_option("--fd", env.fd, "Open descriptor to write to; not a terminal")
      ->required()
      ->check(CLI::Range(0, 1 << 20).description(""))
      ->type_name("N");

  if (auto stop = parse_arguments(app, std::move(arguments))) return *stop;
  const std::vector<std::string> chosen{"jackin-hook", app.get_subcommands().front()->get_name()};
  auto named = named_scope(scope);
  if (!named) return wrong_usage(named.error(), chosen);

  if (probe->parsed()) return ProbeCommand{std::move(*named)};
  if (env_command->parsed()) {
    env.scope = std::move(*named);
    return env;
  }
  // The daemon records the program's name. The other words belong to the command.
  if (!command.empty() && shows_credential(command.front())) {
    return wrong_usage(pasted_credential("the name of the command"), chosen);
  }
  if (command.empty() || command.front().empty()) {
    return wrong_usage({Reason::invalid_argument, "name the command to run, after --", {}}, chosen);
  }
  exec.scope = std::move(*named);
  exec.command = std::move(command);
  return exec;
}

}  // namespace

std::variant<HookCommand, ParseStop> parse_hook_arguments(std::vector<std::string> arguments) {
  // Everything after the first -- belongs to the command.
  std::vector<std::string> command;
  const bool is_exec = !arguments.empty() && arguments.front() == "exec";
  if (is_exec) {
    const auto divide = std::find(arguments.begin(), arguments.end(), "--");
    if (divide != arguments.end()) command.assign(std::next(divide), arguments.end());
    arguments.erase(divide, arguments.end());
  }
  auto parsed = parse(std::move(arguments), std::move(command));
  if (auto* stop = std::get_if<ParseStop>(&parsed); stop != nullptr && is_exec && stop->exit_code != exit_done) {
    stop->exit_code = exit_own_failure;
  }
  return parsed;
}

}  // namespace jackin::client
