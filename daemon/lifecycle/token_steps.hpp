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

/// `error` of a step before which nothing was changed; a cancellation says so.
Error before_any_change(Error error);

/// The steps by which a scope gets a token, which setup and rotate put in their order. Knows what has been done so far,
/// so that `close` can take back what must not stay. Made for one run; daemon's thread.
class TokenSteps {
 public:
  TokenSteps(const TokenSteps&) = delete;
  TokenSteps& operator=(const TokenSteps&) = delete;

  /// Checks before the user consents that the slots can be written, as far as that is visible. Errors: those of
  /// config::expect_writable.
  Task<> expect_writable();

  /// Whether the user still wants it, before anything is done that lasts. Errors: cancelled.
  Task<> expect_wanted();

  /// Takes a place among those who create a token, until it is captured or given up. Errors: busy.
  Result<> take_mint_turn();

  /// Opens the journal's entry.
  Task<> begin();

  Task<> locate_claude();
  /// From here on the operation runs to its end.
  Task<> mint();

  /// Asks the API, unless told not to. Errors: token_rejected; token_malformed when only the API could have said that
  /// this is a token, and it has not.
  Task<> verify();

  /// Stores the token and compares what comes back; when that fails, in another store that the user chooses.
  Task<> keep();

  /// Writes the slot; with several scopes, the slots. When the first cannot be written, none is: that is tried for a
  /// while, then the user asked. A minted token stays in its store, unwired, unless the user gives it up; the error
  /// names its reference and the command that wires it.
  Task<> write_config();

  asio::awaitable<void> record();
  TokenReport report() const;

  /// Closes the journal's entry. After a failure: takes back what was stored, unless it is kept; what cannot be is left
  /// to doctor, and the user told.
  asio::awaitable<void> close(bool succeeded);

 protected:
  /// One layer that gets the slot.
  struct Target {
    Scope scope;
    config::AuthKeys before;
    std::optional<std::filesystem::path> create_for;
    std::optional<config::SlotStyle> style;  ///< Another than the first one's.
  };

  /// All must outlive the steps.
  TokenSteps(Dependencies& deps, std::string kind, const TokenRequest& request, UserInteraction& user,
             Operations::Lease& lease);
  virtual ~TokenSteps() = default;

  void enter(const std::string& step, const std::string& detail);
  /// The same, in the journal as well, before anything is done.
  Task<> announce(const std::string& step, const std::string& detail);
  /// What a store is asked for; the user's wish is in it when it was made for that store.
  secrets::PlaceRequest place_request(const secrets::Store& store) const;
  /// In the store that is wished for, or the default one.
  Task<> plan_as_requested();
  Task<> plan_in(secrets::Store& store);
  /// After a failure, in the store that it was: where it was to go.
  virtual Task<> plan_again() { return plan_in(*store_); }
  Result<> hold(const std::string& item);
  /// Asks the user; until the answer comes the operation does not count as one that finishes by itself. Errors:
  /// cancelled.
  Task<std::string> ask(const std::string& question, const std::vector<Choice>& choices);
  asio::awaitable<void> run_to_the_end();
  asio::awaitable<void> leave_to_doctor(const std::string& message);
  /// Whether jackind made the token, by this operation or by one that could not wire it.
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
  bool is_stuck_ = false;     // something may be left behind that could not be taken back
  bool is_kept_ = false;      // the token stays where it is stored, unwired
  bool adopts_ours_ = false;  // what is adopted is what an operation of ours kept unwired
  std::string taken_up_;      // that operation, when nothing is left of it once the slot is written

  std::vector<Target> targets_;  // the order's own scope first
  PlaceRequest requested_place_;
  bool plain_ = false;
  StyleChoice style_;
  secrets::Store* requested_store_ = nullptr;  // the store that the user's wish is about
  secrets::Store* store_ = nullptr;
  secrets::Place place_;
  bool is_in_place_ = false;  // the place is where the old token stands
  mint::ClaudeProgram claude_;
  std::optional<Operations::MintTurn> mint_turn_;
  Secret token_;
  bool known_shape_ = false;
  health::UpstreamAnswer upstream_;
  std::optional<Date> expires_on_;
  std::optional<secrets::StoredItem> stored_;  // ours to take back, until the slot is written
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
