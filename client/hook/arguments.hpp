// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/cli/command_line.hpp"
#include "client/rpc/default_scope.hpp"

namespace jackin::client {

struct ProbeCommand {
  NamedScope scope;
};

/// How the command receives the token.
enum class Via { env, fd };

struct ExecCommand {
  NamedScope scope;
  std::string provision;  ///< Empty: none.
  Via via = Via::env;
  bool quiet = false;
  std::vector<std::string> command;  ///< At least the program's name.
};

struct EnvCommand {
  NamedScope scope;
  int fd = -1;
};

using HookCommand = std::variant<ProbeCommand, ExecCommand, EnvCommand>;

/// The options of `exec` and `env` as given. jackin-hook and jackinctl have both commands.
struct ExecArguments {
  ScopeArguments scope;
  std::string provision;
  Via via = Via::env;
  bool quiet = false;
};
struct EnvArguments {
  ScopeArguments scope;
  int fd = -1;
};

/// Adds `exec` or `env` to `app`, and returns the new command. `arguments` must outlive the parsing.
CLI::App* add_exec(CLI::App& app, ExecArguments& arguments);
CLI::App* add_env(CLI::App& app, EnvArguments& arguments);

/// If `arguments` begin with `exec`: removes the first `--` and the words behind it, and returns these words. They
/// belong to the command and are not parsed.
std::vector<std::string> take_command(std::vector<std::string>& arguments);

/// The exit code of wrong usage. Within `exec` it is 125, because 2 could be the exit code of the started command.
int exit_for_wrong_usage(const std::vector<std::string>& arguments);

/// Returns the complete command. `program` is the one that has it, for the remedy. Errors: invalid_argument for a bad
/// scope, a missing command, and a credential as the command's name.
Result<ExecCommand> exec_command(const ExecArguments& arguments, std::vector<std::string> command,
                                 const std::string& program);
Result<EnvCommand> env_command(const EnvArguments& arguments, const std::string& program);

/// Parses the arguments of jackin-hook (without the program's name). Returns the command, or the text and exit code to
/// end with.
std::variant<HookCommand, ParseStop> parse_hook_arguments(std::vector<std::string> arguments);

}  // namespace jackin::client
