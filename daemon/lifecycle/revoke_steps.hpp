// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/config/auth_keys.hpp"
#include "daemon/lifecycle/journal.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/revoke.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::lifecycle {

/// The steps that revoke the shared token of several scopes. Made for one run; daemon's thread.
class RevokeSteps {
 public:
  /// All arguments must outlive the steps. The lease holds the first of the scopes.
  RevokeSteps(Dependencies& deps, const RevokeRequest& request, std::vector<Scope> scopes, Operations::Lease& lease);

  /// Reads the items that earlier revocations of the scope left. Errors: those of the database.
  Task<> recall();

  /// Checks that every scope's own layer has the token, and holds these scopes. True when there is nothing to clear:
  /// the scope is already revoked, or has only items that earlier revocations left. Errors: slot_missing,
  /// unknown_workspace, config_invalid, config_unreadable, busy.
  Result<bool> expect_token();

  /// When there is nothing to clear: continues with an item that an earlier revocation left. False when none is left.
  /// Errors: busy.
  Result<bool> take_up_next();

  /// Checks that the stored item may be deleted, if that was requested. Errors: unsupported, not_ours,
  /// invalid_argument, those of the store's query.
  Task<> expect_deletable();

  /// Opens the journal's entry.
  Task<> begin();

  /// Writes the configuration. Fails when nothing was written. A scope that keeps its token while others lose it has
  /// that error in its outcome.
  Task<> clear();
  asio::awaitable<void> forget();
  asio::awaitable<void> delete_item();
  bool has_failed() const;

  asio::awaitable<void> close(bool succeeded);
  /// Records in the outcomes where the token still is.
  asio::awaitable<void> tell_what_remains();
  std::vector<RevokeOutcome> outcomes() const { return outcomes_; }

 private:
  struct Layer {
    Scope scope;
    config::AuthKeys before;
    std::vector<Scope> launched{};  // scopes whose processes have the token from here
  };

  void work_on(secrets::CredentialSource source);
  /// Records what remains, so that it can be deleted later and doctor can list it.
  Task<> remember_what_remains();

  Dependencies& deps_;
  const RevokeRequest& request_;
  std::vector<Scope> scopes_;
  Operations::Lease& lease_;
  Journal journal_;
  std::string journal_id_;
  state::JournalDetail detail_;
  std::vector<Layer> layers_;
  std::vector<state::RemainingItem> recalled_;  // not yet taken up
  std::optional<secrets::CredentialSource> source_;
  std::optional<Fingerprint> fingerprint_;
  std::vector<RevokeOutcome> outcomes_;  // in the order of layers_
  bool has_begun_ = false;
  bool is_stuck_ = false;
};

}  // namespace jackin::lifecycle
