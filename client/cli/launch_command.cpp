// SPDX-License-Identifier: Apache-2.0
// `exec` and `env`: the commands of jackin-hook that give out a token.

#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli/program.hpp"
#include "client/hook/hook.hpp"

namespace jackin::client {
namespace {

// Wrong usage has the exit code that it has in jackin-hook.
template <typename Command>
int launch(const Result<Command>& command, int wrong_usage, const CommandContext& cli) {
  if (command) return cli.launch(*command);
  cli.fail(command.error(), Format::text);
  return wrong_usage;
}

}  // namespace

void add_launch(CLI::App& parent, Chosen& chosen, const std::vector<std::string>& command) {
  const std::string program = parent.get_name();
  const auto exec = std::make_shared<ExecArguments>();
  add_exec(parent, *exec)->callback([=, &command, &chosen] {
    chosen = [=, &command](const CommandContext& cli) {
      return launch(exec_command(*exec, command, program), exit_own_failure, cli);
    };
  });
  const auto env = std::make_shared<EnvArguments>();
  add_env(parent, *env)->callback([=, &chosen] {
    chosen = [=](const CommandContext& cli) { return launch(env_command(*env, program), exit_usage, cli); };
  });
}

}  // namespace jackin::client
