// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/core/managed_tokens.hpp"
#include "client/rpc/connection.hpp"
#include "client/rpc/liveness.hpp"
#include "common/environment.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// What a user chose for a revocation.
struct RevokeOptions {
  bool delete_item = false;
  bool force = false;  ///< With `delete_item`: also items that jackind did not create.
};

/// Returns the request to revoke the token of `scope`; without a scope, of every scope.
v1::RevokeRequest revoke_request(const std::optional<Scope>& scope, const RevokeOptions& options,
                                 const Environment& environment);

/// Returns the tokens that a revocation of all scopes removes, for the question to the user. Errors: those of the call.
Result<std::vector<ManagedToken>> tokens_to_revoke(const Connection& connection);

/// The end of a revocation.
struct RevokeEnd {
  int outcomes = 0;          ///< How many scopes the daemon reported.
  int cleared = 0;           ///< How many of them lost their token.
  bool has_changed = false;  ///< A scope lost its token, or its stored token was deleted.
  enum class Stopped {
    no,
    cancelled,  ///< The user stopped it before anything was changed.
    detached,   ///< The user left; the daemon finishes it.
  };
  Stopped stopped = Stopped::no;
  std::optional<Error> error = {};  ///< Of the call as a whole; errors of scopes are in their outcomes.
};

/// Runs a revocation from the request to the end of the stream. Calls `on_outcome` for each scope, and before that
/// `on_begun`, if set, with the ID of the scope's operation; on the thread on which `run` does its work. Blocking,
/// without a deadline: a store may be asking the user.
RevokeEnd revoke(const Connection& connection, const v1::RevokeRequest& request,
                 const std::function<void(const v1::RevokeOutcome&)>& on_outcome, const RunCall& run,
                 const std::function<void(const std::string&)>& on_begun = {});

}  // namespace jackin::client
