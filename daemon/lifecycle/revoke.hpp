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
  Scope scope;               ///< Not looked at with `all`.
  bool all = false;          ///< Every scope that has a token of its own written down.
  bool delete_item = false;  ///< Also what is stored, if jackind made it and no other scope uses it; also what an
                             ///< earlier revocation of the scope left.
  bool force = false;        ///< With `delete_item`: also what jackind did not make. Never what is still used.
  Environment client;
  ProcessIdentity asked_by;
};

/// Something to know about a scope that was revoked.
struct RevokeNotice {
  Severity severity = Severity::info;
  std::string message;
  std::string remedy;
};

/// What became of one scope.
struct RevokeOutcome {
  Scope scope;
  bool cleared = false;        ///< There was a token to clear.
  bool deleted = false;        ///< What was stored is gone: deleted now, or gone before.
  std::string remains_in;      ///< Where the token still is, for people; empty: nowhere that is known.
  std::string remains_remedy;  ///< The command that deletes it there; empty where others use it, or it is not ours.
  bool is_adopted = false;     ///< It was taken over as it was: not jackind's to delete.
  std::optional<Error> error;
  std::vector<ProcessIdentity> holders;  ///< Running processes that were given the token.
  std::vector<RevokeNotice> notices;
};

/// Takes tokens away from scopes: writes the configuration first (no token, mode ignore), forgets expiry and health,
/// and deletes last. Daemon's thread; one operation at a time per scope and per stored item (busy).
class Revoke {
 public:
  explicit Revoke(Dependencies& deps) : deps_(deps) {}

  /// Calls `each` when a scope is done, whether well or not; scopes that share a token are done together, so that what
  /// is stored goes with the last of them. Errors, before anything has changed: busy, unknown_workspace,
  /// config_invalid, slot_missing (no token of its own), and with `delete_item` unsupported (nothing is stored apart
  /// from the configuration), not_ours (adopted, or still used by other scopes), source_unreachable. With `all` an
  /// error of one scope is that scope's outcome and stops no other.
  Task<> run(RevokeRequest request, std::function<void(const RevokeOutcome&)> each);

 private:
  Dependencies& deps_;
};

}  // namespace jackin::lifecycle
