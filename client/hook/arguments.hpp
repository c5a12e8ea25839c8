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

/// Parses the arguments of jackin-hook (without the program's name). Returns the command, or the text and exit code to
/// end with. Wrong usage exits with 2, but within `exec` with 125, because 2 could be the exit code of the started
/// command.
std::variant<HookCommand, ParseStop> parse_hook_arguments(std::vector<std::string> arguments);

}  // namespace jackin::client
