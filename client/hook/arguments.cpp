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

constexpr const char* program_name = "jackin-hook";
constexpr const char* exec_name = "exec";
constexpr const char* env_name = "env";

bool is_exec(const std::vector<std::string>& arguments) {
  return !arguments.empty() && arguments.front() == exec_name;
}

Error with_help(Error error, const std::string& program, const char* command) {
  if (error.remedy.empty()) error.remedy = Remedy::show_help({program, command});
  return error;
}

ParseStop wrong_usage(const Error& error) {
  return {exit_usage, "", error_text(error, Format::text, OutputStyle{})};
}

std::variant<HookCommand, ParseStop> parse(std::vector<std::string> arguments, std::vector<std::string> command) {
  CLI::App app("Check a workspace's token before a launch, and start the command with the token.", program_name);
  app.set_version_flag("--version", std::string(program_name) + " " + std::string(version()));
  app.require_subcommand(1);

  ScopeArguments scope;
  CLI::App* probe = app.add_subcommand("probe", "Say whether a launch would start");
  add_scope(*probe, scope);
  ExecArguments exec;
  add_exec(app, exec);
  EnvArguments env;
  const CLI::App* env_app = add_env(app, env);

  if (auto stop = parse_arguments(app, std::move(arguments))) return *stop;
  if (probe->parsed()) {
    auto named = named_scope(scope);
    if (!named) return wrong_usage(with_help(named.error(), program_name, "probe"));
    return ProbeCommand{*std::move(named)};
  }
  if (env_app->parsed()) {
    auto complete = env_command(env, program_name);
    if (!complete) return wrong_usage(complete.error());
    return *std::move(complete);
  }
  auto complete = exec_command(exec, std::move(command), program_name);
  if (!complete) return wrong_usage(complete.error());
  return *std::move(complete);
}

}  // namespace

CLI::App* add_exec(CLI::App& app, ExecArguments& arguments) {
  CLI::App* command = app.add_subcommand(exec_name, "Run COMMAND with the workspace's token");
  add_scope(*command, arguments.scope);
  command->add_option("--provision", arguments.provision, "Folder to write account.json and credentials.json into")
      ->type_name("DIR");
  const auto take_way = [&arguments](const std::string& word) {
    arguments.via = choice_of("--via", word, {"env", "fd"}) == 0 ? Via::env : Via::fd;
  };
  command
      ->add_option_function<std::string>("--via", take_way,
                                         "Way to pass the token: in the environment or on a descriptor")
      ->type_name("env|fd");
  command->add_flag("--quiet", arguments.quiet, "Print no banner and no warnings");
  const std::string& program = app.get_name();
  command->footer("Examples:\n  " + program + " exec my-app -- claude -p ping\n  " + program +
                  " exec my-app -- docker run -e CLAUDE_CODE_OAUTH_TOKEN image\n"
                  "\n"
                  "Exit codes: 125 " +
                  program +
                  " failed or the launch would not start, 126 COMMAND cannot be run,\n"
                  "127 COMMAND was not found, else COMMAND's own.");
  return command;
}

CLI::App* add_env(CLI::App& app, EnvArguments& arguments) {
  CLI::App* command = app.add_subcommand(env_name, "Write NAME=VALUE and a zero byte to a descriptor");
  add_scope(*command, arguments.scope);
  command->add_option("--fd", arguments.fd, "Open descriptor to write to; not a terminal")
      ->required()
      ->check(CLI::Range(0, 1 << 20).description(""))
      ->type_name("N");
  return command;
}

std::vector<std::string> take_command(std::vector<std::string>& arguments) {
  std::vector<std::string> command;
  if (!is_exec(arguments)) return command;
  const auto divide = std::find(arguments.begin(), arguments.end(), "--");
  if (divide != arguments.end()) command.assign(std::next(divide), arguments.end());
  arguments.erase(divide, arguments.end());
  return command;
}

int exit_for_wrong_usage(const std::vector<std::string>& arguments) {
  return is_exec(arguments) ? exit_own_failure : exit_usage;
}

Result<ExecCommand> exec_command(const ExecArguments& arguments, std::vector<std::string> command,
                                 const std::string& program) {
  auto named = named_scope(arguments.scope);
  if (!named) return failure(with_help(named.error(), program, exec_name));
  // The daemon records the program's name. The other words belong to the command.
  if (!command.empty() && shows_credential(command.front())) {
    return failure(with_help(pasted_credential("the name of the command"), program, exec_name));
  }
  if (command.empty() || command.front().empty()) {
    return failure(with_help({Reason::invalid_argument, "name the command to run, after --", {}}, program, exec_name));
  }
  return ExecCommand{*std::move(named), arguments.provision, arguments.via, arguments.quiet, std::move(command)};
}

Result<EnvCommand> env_command(const EnvArguments& arguments, const std::string& program) {
  auto named = named_scope(arguments.scope);
  if (!named) return failure(with_help(named.error(), program, env_name));
  return EnvCommand{*std::move(named), arguments.fd};
}

std::variant<HookCommand, ParseStop> parse_hook_arguments(std::vector<std::string> arguments) {
  std::vector<std::string> command = take_command(arguments);
  const int wrong = exit_for_wrong_usage(arguments);
  auto parsed = parse(std::move(arguments), std::move(command));
  if (auto* stop = std::get_if<ParseStop>(&parsed); stop != nullptr && stop->exit_code != exit_done) {
    stop->exit_code = wrong;
  }
  return parsed;
}

}  // namespace jackin::client
