// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/arguments/command_line.hpp"
#include "common/scope.hpp"

namespace jackin::client {

struct ProbeCommand {
  Scope scope;
};

/// How the token reaches the command.
enum class Via { env, fd };

struct ExecCommand {
  Scope scope;
  std::string provision;  ///< Empty: none.
  Via via = Via::env;
  bool quiet = false;
  std::vector<std::string> command;  ///< At least the program's name.
};

struct EnvCommand {
  Scope scope;
  int fd = -1;
};

using HookCommand = std::variant<ProbeCommand, ExecCommand, EnvCommand>;

/// What jackin-hook was asked to do, from its arguments without the program's name; or what to say and end with. Wrong
/// usage ends with 2, but within `exec` with 125: there 2 could be the command's own.
std::variant<HookCommand, ParseStop> parse_hook_arguments(std::vector<std::string> arguments);

}  // namespace jackin::client
