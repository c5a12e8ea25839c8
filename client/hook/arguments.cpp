#include "client/hook/arguments.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

#include "client/hook/hook.hpp"
#include "client/view/error_text.hpp"
#include "common/version.hpp"

namespace jackin::client {
namespace {

ParseStop wrong_usage(const Error& error, const std::string& command) {
  Error complete = error;
  if (complete.remedy.empty()) complete.remedy = command + " --help";
  return {exit_usage, "", error_text(complete, Format::text, Look{})};
}

std::variant<HookCommand, ParseStop> parse(std::vector<std::string> arguments, std::vector<std::string> command) {
  CLI::App app("Asks jackind about a scope's token before a claude is started, and starts it with the token.",
               "jackin-hook");
  app.set_version_flag("--version", "jackin-hook " + std::string(version()));
  app.require_subcommand(1);

  ScopeArguments scope;
  CLI::App* probe =
      app.add_subcommand("probe", "Says on stderr when something is wrong; 0: start, 3: it will not work");
  add_scope(*probe, scope);

  ExecCommand exec{Scope::global(), {}, Via::env, false, {}};
  CLI::App* exec_command = app.add_subcommand("exec", "Becomes COMMAND with the scope's token");
  add_scope(*exec_command, scope);
  exec_command
      ->add_option("--provision", exec.provision, "Put account.json and credentials.json in order in this folder")
      ->type_name("DIR");
  const auto take_way = [&exec](const std::string& word) {
    exec.via = choice_of("--via", word, {"env", "fd"}) == 0 ? Via::env : Via::fd;
  };
  exec_command
      ->add_option_function<std::string>("--via", take_way,
                                         "How the command gets the token: its environment, or a descriptor to read")
      ->type_name("env|fd");
  exec_command->add_flag("--quiet", exec.quiet, "No banner and no warnings");
  exec_command->footer("COMMAND stands after --, as in: jackin-hook exec my-app -- claude -p ping");

  EnvCommand env{Scope::global(), -1};
  CLI::App* env_command = app.add_subcommand("env", "Writes NAME=VALUE and a zero byte to a descriptor");
  add_scope(*env_command, scope);
  env_command->add_option("--fd", env.fd, "An open descriptor, no terminal")
      ->required()
      ->check(CLI::Range(0, 1 << 20))
      ->type_name("N");

  if (auto stop = parse_arguments(app, std::move(arguments))) return *stop;
  const std::string chosen = "jackin-hook " + app.get_subcommands().front()->get_name();
  auto named = scope_of(scope);
  if (!named) return wrong_usage(named.error(), chosen);

  if (probe->parsed()) return ProbeCommand{std::move(*named)};
  if (env_command->parsed()) {
    env.scope = std::move(*named);
    return env;
  }
  if (command.empty() || command.front().empty()) {
    return wrong_usage({Reason::invalid_argument, "which command? It stands after --", {}}, chosen);
  }
  exec.scope = std::move(*named);
  exec.command = std::move(command);
  return exec;
}

}  // namespace

std::variant<HookCommand, ParseStop> parse_hook_arguments(std::vector<std::string> arguments) {
  // Everything after the first -- is the command's own, whatever it looks like.
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
