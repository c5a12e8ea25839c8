// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/scope.hpp"
#include "daemon/async/task.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/lifecycle/user_interaction.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::lifecycle {

struct RevokeRequest {
  Scope scope;               ///< Ignored with `all`.
  bool all = false;          ///< Every scope with a token in its own layer.
  bool delete_item = false;  ///< Also delete the stored item, if jackind created it and no other scope uses it; also
                             ///< items that an earlier revocation of the scope left.
  bool force =
      false;  ///< With `delete_item`: also delete an item that jackind did not create. Never one that is still used.
  Environment client;
  ProcessIdentity asked_by;
  std::function<void(const std::string& id)> begun{};  ///< Called with the ID of each operation; may be empty.
  std::function<bool()> cancel{};  ///< How another client cancels the call; false when it is too late. May be empty.
};

/// A notice about a scope that was revoked.
struct RevokeNotice {
  Severity severity = Severity::info;
  std::string message;
  Remedy remedy;
};

/// The outcome for one scope.
struct RevokeOutcome {
  Scope scope;
  bool cleared = false;     ///< There was a token to clear.
  bool deleted = false;     ///< The stored item is gone: deleted now or before.
  std::string remains_in;   ///< Where the token still is, as text for users; empty: no known place.
  Remedy remains_remedy;    ///< How it is deleted there; empty when other scopes use it, or when it is not
                            ///< jackind's.
  bool is_adopted = false;  ///< The token was adopted, so jackind does not delete it.
  std::optional<Error> error;
  std::vector<ProcessIdentity> holders;  ///< Running processes that received the token.
  std::vector<RevokeNotice> notices;
};

/// Revokes the tokens of scopes: writes the configuration first (no token, mode ignore), deletes the expiry and health
/// records, and deletes the item last. Daemon's thread; one operation at a time per scope and per stored item (busy).
class Revoke {
 public:
  using Each = std::function<void(const RevokeOutcome&)>;

  explicit Revoke(Dependencies& deps) : deps_(deps) {}

  /// Calls `each` for each finished scope, successful or not. Scopes that share a token are processed together, so that
  /// the stored item is deleted with the last of them. Errors, before any change: busy, unknown_workspace,
  /// config_invalid, slot_missing (no token of its own). With `delete_item` also unsupported (the token is only in the
  /// configuration), not_ours (adopted, or still used by other scopes), source_unreachable. With `all` an error of one
  /// scope is its outcome and stops no other scope.
  Task<> run(RevokeRequest request, Each each);

 private:
  Dependencies& deps_;
};

}  // namespace jackin::lifecycle
