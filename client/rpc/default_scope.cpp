// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/default_scope.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "common/pasted_credential.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

constexpr const char* variable = "JACKIN_WORKSPACE";

Error no_scope() {
  return {Reason::invalid_argument, "name a workspace, or --global: no workspace has this folder as its workdir",
          Remedy::of(RemedyAction::list_scopes)};
}

Result<Scope> with_role(const Scope& scope, const std::string& role) {
  return role.empty() ? Result<Scope>(scope) : Scope::selected_role(scope.workspace_name(), role);
}

}  // namespace

std::string DefaultScope::notice() const {
  return "using workspace '" + printable(scope.str()) + "' (" + origin + ")";
}

Result<DefaultScope> default_scope(const Environment& environment, const std::string& role, const FindWorkspace& find) {
  if (const std::string named = environment.value_of(variable); !named.empty()) {
    // First, because other errors quote the value.
    TRY(expect_no_credential(variable, named));
    auto scope = Scope::typed(named);
    if (scope) scope = with_role(*scope, role);
    if (scope) return DefaultScope{*std::move(scope), variable};
    Error error = std::move(scope).error();
    error.message = std::string(variable) + ": " + error.message;
    return failure(std::move(error));
  }
  std::error_code error;
  const auto folder = std::filesystem::current_path(error);
  if (error) return failure(no_scope());
  TRY(const auto workspace, find(folder.string()));
  if (!workspace) return failure(no_scope());
  TRY(Scope scope, with_role(*workspace, role));
  return DefaultScope{std::move(scope), "workdir is this folder"};
}

Result<std::optional<Scope>> workspace_from(const v1::FindWorkspaceReply& reply) {
  if (reply.workspace().empty()) return std::optional<Scope>();
  TRY(Scope workspace, Scope::workspace(reply.workspace()));
  return std::optional(std::move(workspace));
}

}  // namespace jackin::client
