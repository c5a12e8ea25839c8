// SPDX-License-Identifier: Apache-2.0
#include "client/cli/scope_choice.hpp"

#include <optional>

#include "client/rpc/connection.hpp"
#include "client/rpc/default_scope.hpp"

namespace jackin::client {

Result<ScopeChoice> choose_scope(const ScopeArguments& arguments, const CommandContext& cli) {
  TRY(const NamedScope named, named_scope(arguments));
  if (named.scope) return ScopeChoice{*named.scope};
  std::optional<Connection> connection;
  TRY(const DefaultScope found, default_scope(cli.environment, named.role, [&](const std::string& folder) {
        return find_workspace(connection, cli.connector(), folder);
      }));
  cli.complain(found.notice() + "\n");
  return ScopeChoice{found.scope, true};
}

}  // namespace jackin::client
