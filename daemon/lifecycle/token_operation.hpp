// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/lifecycle/operation.hpp"
#include "daemon/lifecycle/user_interaction.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::lifecycle {

/// A running setup or rotation: the operation, its user, and what must be undone if a later step fails. The steps pass
/// their values to each other; here is only what the end of the operation needs. Made for one run; daemon's thread.
class TokenOperation final : public Operation {
 public:
  /// All must outlive it.
  TokenOperation(Dependencies& deps, OperationKind kind, Operations::Lease lease, UserInteraction& user);

  UserInteraction& user() { return user_; }

  /// Sets the steps that clients can expect. `adopts`: no token is created.
  void expect_steps(const TokenRequest& request, bool adopts);
  /// `Operation::publish`
  void publish(const Result<TokenReport>& report);

  /// The operation is at this step now; the user sees it.
  void enter(Step step, const std::string& detail_for_user);
  /// The same, and writes the step to the journal before any action. Errors: those of `Journal`.
  Task<> announce(Step step, const std::string& detail_for_user);

  /// Takes a permit to create a token, until `captured` or the end. Errors: busy.
  Result<> take_mint_turn();
  /// A token was created. Records it, so that a start after a crash knows that it is valid at Anthropic. The user's
  /// consent must not be wasted: from here on nothing cancels the operation.
  asio::awaitable<void> captured();
  /// The API does not accept the new token, so discarding it leaves nothing valid behind.
  void mark_rejected() { is_rejected_ = true; }

  /// Holds the item, if the name is not empty. Errors: busy.
  Result<> hold_item(const std::string& item);

  /// The operation begins to store the token there. The place is `detail`'s.
  void stores_in(secrets::Store& store);
  /// The store has it now. It is deleted again if the operation fails, until `keep_stored`.
  void has_stored(secrets::StoredItem item);
  /// The store failed, and may have stored it anyway. Recovery searches for it; `take_back` only records the remedy.
  void may_have_stored(bool is_possible);
  /// No store has kept the token. Where a store may have stored it (`may_have_stored`), recovery keeps it if it finds
  /// it.
  asio::awaitable<void> keep_uncertain();
  /// The stored token is in use: it stays, also if a later step fails.
  void keep_stored() { stored_.reset(); }
  /// The stored token stays, not configured. The operation ends as kept.
  void keep_unconfigured();
  bool is_kept() const { return is_kept_; }
  /// Deletes the stored token. If that fails, doctor lists the token, and the journal records the next steps as another
  /// operation.
  asio::awaitable<void> take_back(const Environment& client);

  /// Ends the operation with the outcome "stuck": notifies the user of what remains, and doctor lists it.
  asio::awaitable<void> end_stuck(const std::string& message);

  /// With success it also ends the operation with that id, whose token it configures.
  void completes(const std::string& id) { completed_ = id; }

  /// Asks the user. Until the answer comes, the operation counts as one that cannot finish by itself. Errors:
  /// cancelled.
  Task<ChoiceKey> ask(const Question& question);

  /// The end: done, kept, undone, or stuck. After a failure it deletes the stored token, and notifies the user that a
  /// created token is discarded. doctor lists what cannot be undone. Call once, after the last step.
  asio::awaitable<void> close(bool succeeded, const Environment& client);

 private:
  asio::awaitable<void> report_and_leave_to_doctor(const std::string& message);
  asio::awaitable<bool> report_discarded();

  // An entry that take_back left to doctor, of a store that may have stored the token.
  struct UncertainEntry {
    std::string id;
    state::JournalDetail detail;
  };

  Dependencies& deps_;
  UserInteraction& user_;
  std::optional<Operations::MintTurn> mint_turn_;
  secrets::Store* store_ = nullptr;
  std::optional<secrets::StoredItem> stored_;
  bool is_stuck_ = false;  // something may be left that could not be reverted
  bool is_kept_ = false;
  bool is_rejected_ = false;
  std::vector<UncertainEntry> uncertain_;
  bool is_left_to_recovery_ = false;  // recovery may still find the token
  std::string completed_;
};

}  // namespace jackin::lifecycle
