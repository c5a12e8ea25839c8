// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/secret.hpp"
#include "daemon/config/writer.hpp"
#include "daemon/health/upstream.hpp"
#include "daemon/lifecycle/journal.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/place_choice.hpp"
#include "daemon/lifecycle/token_request.hpp"
#include "daemon/lifecycle/user_interaction.hpp"
#include "daemon/mint/claude_program.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::lifecycle {

/// `error`, from a step before any change; a cancellation then says that nothing was changed.
Error before_any_change(Error error);

/// The steps that set a scope's token; setup and rotate define their order. Records the actions so far, so that `close`
/// can revert those that must not stay. Made for one run; daemon's thread.
class TokenSteps {
 public:
  TokenSteps(const TokenSteps&) = delete;
  TokenSteps& operator=(const TokenSteps&) = delete;

  /// Checks before the user's consent that the slots can be written, as far as that is visible. Errors: those of
  /// config::expect_writable.
  Task<> expect_writable();

  /// Checks that the user has not cancelled, before any lasting action. Errors: cancelled.
  Task<> expect_wanted();

  /// Takes a permit to create a token, until the token is captured or the attempt ends. Errors: busy.
  Result<> take_mint_turn();

  /// Opens the journal's entry.
  Task<> begin();

  Task<> locate_claude();
  /// Mints the token. Once it is captured the operation runs to its end.
  Task<> mint();

  /// Asks the API, unless the request disables it. Errors: token_rejected; token_malformed when only the API could have
  /// confirmed that this is a token, and it has not.
  Task<> verify();

  /// Stores the token and compares it with a read-back. If that fails, uses another store that the user chooses.
  Task<> keep();

  /// Writes the slot; with several scopes, the slots. When the first cannot be written, none is. It retries for a
  /// while, then asks the user. A minted token stays in its store, not configured, unless the user discards it. The
  /// error names its reference and the command that configures it.
  Task<> write_config();

  asio::awaitable<void> record();
  TokenReport report() const;

  /// Closes the journal's entry. After a failure it reverts the storage of the token, unless the token is kept. doctor
  /// lists what cannot be reverted, and the user is notified.
  asio::awaitable<void> close(bool succeeded);

 protected:
  /// One layer that gets the slot.
  struct Target {
    Scope scope;
    config::AuthKeys before;
    std::optional<std::filesystem::path> create_for;
    std::optional<config::SlotStyle> style;  ///< Set when it differs from the first target's style.
  };

  /// All must outlive the steps.
  TokenSteps(Dependencies& deps, std::string kind, const TokenRequest& request, UserInteraction& user,
             Operations::Lease& lease);
  virtual ~TokenSteps() = default;

  void enter(const std::string& step, const std::string& detail);
  /// As `enter`, and writes the step to the journal before any action.
  Task<> announce(const std::string& step, const std::string& detail);
  /// The request for a store. Contains the user's wishes if they were made for that store.
  secrets::PlaceRequest place_request(const secrets::Store& store) const;
  /// Plans the requested store, or the default one.
  Task<> plan_as_requested();
  Task<> plan_in(secrets::Store& store);
  /// Plans again after a failure in the same store: by default at the same place.
  virtual Task<> plan_again() { return plan_in(*store_); }
  Result<> hold(const std::string& item);
  /// Asks the user. Until the answer comes, the operation counts as one that cannot finish by itself. Errors:
  /// cancelled.
  Task<std::string> ask(const std::string& question, const std::vector<Choice>& choices);
  asio::awaitable<void> run_to_the_end();
  asio::awaitable<void> leave_to_doctor(const std::string& message);
  /// Whether jackind created the token, by this operation or by one that could not configure it.
  bool is_ours() const { return detail_.minted || adopts_ours_; }
  bool expiry_is_estimated() const { return is_ours() && !detail_.expiry_known; }

  Dependencies& deps_;
  const TokenRequest& request_;
  UserInteraction& user_;
  Operations::Lease& lease_;
  Journal journal_;
  std::string kind_;
  std::string journal_id_;
  state::JournalDetail detail_;
  bool is_stuck_ = false;     // something may be left that could not be reverted
  bool is_kept_ = false;      // the token stays in its store, not configured
  bool adopts_ours_ = false;  // the adopted token is one that an operation of jackind stored and could not configure
  std::string taken_up_;      // that operation's id, if writing the slot completes it

  std::vector<Target> targets_;  // the request's own scope first
  PlaceRequest requested_place_;
  bool plain_ = false;
  StyleChoice style_;
  secrets::Store* requested_store_ = nullptr;  // the store that the user's wish is about
  secrets::Store* store_ = nullptr;
  secrets::Place place_;
  bool is_in_place_ = false;  // the place is that of the old token
  mint::ClaudeProgram claude_;
  std::optional<Operations::MintTurn> mint_turn_;
  Secret token_;
  bool known_shape_ = false;
  health::UpstreamAnswer upstream_;
  std::optional<Date> expires_on_;
  std::optional<secrets::StoredItem> stored_;  // to revert, until the slot is written
  std::optional<secrets::CredentialSource> source_;
  std::string stored_in_;
  config::WrittenSlot written_;
  bool deleted_old_ = false;
  std::vector<ProcessIdentity> old_holders_;

 private:
  Task<> store_and_read_back();
  asio::awaitable<void> take_back();
  asio::awaitable<bool> tell_discarded();
  Task<secrets::Store*> ask_for_another_store(const Error& error);
  Task<> write_first();
  asio::awaitable<bool> ask_to_try_again(Error& error);
  asio::awaitable<void> keep_in_store_only(Error& error);
  Task<config::WrittenSlot> write(const Target& target, std::chrono::milliseconds lock_limit);
};

}  // namespace jackin::lifecycle
