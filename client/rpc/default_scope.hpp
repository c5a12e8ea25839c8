// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/environment.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "jackin/v1/health.pb.h"

namespace jackin::client {

/// The scope that a user named. Without a workspace the user means the default workspace.
struct NamedScope {
  std::optional<Scope> scope = {};  ///< Nothing: the default workspace.
  std::string role = {};            ///< With the default workspace: a role in it; may be empty.
};

/// The scope of a user who named no workspace.
struct DefaultScope {
  Scope scope;
  std::string origin;  ///< Why this one: "workdir is this folder".

  /// One line for the user: "using workspace 'my-app' (workdir is this folder)". Printable.
  std::string notice() const;
};

/// Asks the daemon which workspace has a folder as its `workdir`; nothing when none has.
using FindWorkspace = std::function<Result<std::optional<Scope>>(const std::string& folder)>;

/// The scope that JACKIN_WORKSPACE names, else the workspace whose `workdir` is the current folder. `role` replaces the
/// role in JACKIN_WORKSPACE, unless it is empty. Calls `find` only without the variable. Errors: invalid_argument when
/// there is no such workspace, for bad names, and for a credential in the variable, which it does not quote; those of
/// `find`.
Result<DefaultScope> default_scope(const Environment& environment, const std::string& role, const FindWorkspace& find);

/// The workspace in the daemon's reply. Errors: invalid_argument for a name that this version would refuse.
Result<std::optional<Scope>> workspace_from(const v1::FindWorkspaceReply& reply);

}  // namespace jackin::client
