// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/cli/command_context.hpp"
#include "client/cli/command_line.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"

namespace jackin::client {

/// The scope that a command works on.
struct ScopeChoice {
  Scope scope;
  bool by_default = false;  ///< The user named no workspace.
};

/// Returns the given scope, else the default one. Writes one line to stderr that says which default it uses. Connects
/// to the daemon when it has to ask. Errors: those of `named_scope` and `default_scope`.
Result<ScopeChoice> choose_scope(const ScopeArguments& arguments, const CommandContext& cli);

}  // namespace jackin::client
