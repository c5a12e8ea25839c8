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
#include "daemon/lifecycle/place_choice.hpp"
#include "daemon/lifecycle/token_operation.hpp"
#include "daemon/lifecycle/token_request.hpp"
#include "daemon/mint/claude_program.hpp"
#include "daemon/secrets/store.hpp"

// The steps that setup and rotate share. Each step takes the values of earlier steps and returns its own, so the
// compiler keeps the order.
namespace jackin::lifecycle {

/// One layer that gets the slot.
struct Target {
  Scope scope;
  config::AuthKeys before;
  std::optional<std::filesystem::path> create_for;
  std::optional<StyleChoice> style;  ///< Set when it differs from the destination's style.
  std::string variable{};            ///< Of an external slot that is rotated. Otherwise `write_slot` chooses one.
};
/// The request's own scope first.
using Targets = std::vector<Target>;

/// A place in a store, planned before the token exists.
struct PlannedPlace {
  secrets::Store* store = nullptr;
  secrets::Place place;
  bool is_old_place = false;  ///< The place is that of the old token, which is overwritten.
};

/// Where the token goes, chosen before the user consents, and how the slot is written.
struct Destination {
  StyleChoice style;
  bool plain = false;                                       ///< The configuration itself.
  PlaceRequest requested{};                                 ///< The place that the user requested.
  const secrets::Store* requested_store = nullptr;          ///< The store for which `requested` applies.
  std::optional<secrets::CredentialSource> successor_of{};  ///< The token goes beside this one or in its place.
  std::optional<PlannedPlace> planned{};                    ///< Nothing: `plain`, or the token is stored already.
};

/// The style in which a target names `source`.
config::SlotStyle style_for(const Target& target, const Destination& destination,
                            const secrets::CredentialSource& source);

/// A token that is not configured yet.
struct NewToken {
  Secret token;
  bool known_shape = false;
  std::optional<Date> expires_on;
  bool expiry_noted = false;   ///< Another program has estimated `expires_on`.
  bool is_ours = false;        ///< jackind created it, in this operation or in one that could not configure it.
  std::string claude_version;  ///< Empty when this operation did not create it.
};

/// A token without a known fault, or with a doubt; the NewToken must outlive it.
struct VerifiedToken {
  const NewToken& token;
  health::UpstreamAnswer answer;  ///< Of kind `unknown` without a code when the API was not asked.
  std::optional<Error> doubt{};   ///< Why it may not be a whole token: then it is stored, and no slot names it.
};

/// Where the token is, read back.
struct StoredToken {
  secrets::CredentialSource source;
  std::string display;
};

/// `error`, from a step before any change; a cancellation then says that nothing was changed.
Error before_any_change(Error error);

class TokenSteps {
 public:
  /// All must outlive the steps.
  TokenSteps(Dependencies& deps, const TokenRequest& request, TokenOperation& operation)
      : deps_(deps), request_(request), operation_(operation) {}

  /// Checks before the user's consent that the slots can be written, as far as that is visible. Errors: those of
  /// config::expect_writable.
  Task<> expect_writable(const Targets& targets);

  /// Plans the requested store, or the default one. Stores nothing. Errors: those of `choose_store` and of the store.
  Task<> plan_as_requested(Destination& destination);
  /// Plans the place beside the token `successor_of`, or its place. Errors: unsupported, those of the store.
  Task<> plan_successor(Destination& destination);

  /// Errors: those of mint::locate_claude.
  Task<mint::ClaudeProgram> locate_claude();

  /// Mints the token. Once it is captured the operation runs to its end.
  Task<NewToken> mint(const mint::ClaudeProgram& claude);

  /// Asks the API, unless the request disables it. If only the API can confirm that this is a token, and it has not, a
  /// minted token gets a doubt. An adopted one is token_malformed. Errors: token_rejected, token_malformed.
  Task<VerifiedToken> verify(const NewToken& token);

  /// Stores the token and compares it with a read-back. If that fails, uses another store that the user chooses. If the
  /// client has gone, it first retries the same store for half a minute. Without an answer it keeps the token in a
  /// file, not configured. The error names the file and the command that configures the token.
  Task<StoredToken> store_and_read_back(const Targets& targets, Destination& destination, const VerifiedToken& token);

  /// Stores a token with a doubt, never in place of the old one. No slot names it until the API accepts it. Returns the
  /// doubt, with the place of the token and the command that configures it.
  asio::awaitable<Error> keep_doubtful(const Targets& targets, Destination& destination, const VerifiedToken& token);

  /// Writes the slot; with several targets, the slots. When the first cannot be written, none is. It retries for a
  /// while, then asks the user. A minted token stays in its store, not configured, unless the user discards it. The
  /// error names its reference and the command that configures it.
  Task<config::WrittenSlot> write_config(const Targets& targets, Destination& destination, const VerifiedToken& token,
                                         const StoredToken& stored);

  /// Records the token for those targets whose slot was written: another slot names something else.
  asio::awaitable<void> record(const Targets& targets, const VerifiedToken& token);

  TokenReport report(const NewToken& token, const StoredToken& stored, const config::WrittenSlot& written) const;

 private:
  secrets::PlaceRequest place_request(const Destination& destination, const secrets::Store& store,
                                      const NewToken* token) const;
  Task<> plan_in(Destination& destination, secrets::Store& store, const NewToken* token);
  Task<> plan_beside(Destination& destination, secrets::Store& store, const NewToken* token);
  Task<> plan_again(Destination& destination, secrets::Store& store, const NewToken& token);
  Task<StoredToken> store_once(PlannedPlace& planned, const NewToken& token);
  Task<StoredToken> plan_and_store(Destination& destination, const NewToken& token);
  Task<StoredToken> store_again_for_a_while(Destination& destination, const NewToken& token, Error error);
  asio::awaitable<void> keep_elsewhere(const Targets& targets, Destination& destination, const VerifiedToken& token,
                                       Error& error);
  Task<StoredToken> keep_in(secrets::Store& store, Destination& destination, const NewToken& token);
  Task<secrets::Store*> ask_for_another_store(const Destination& destination, const Error& error);
  Task<config::WrittenSlot> write_first(const Targets& targets, Destination& destination, const VerifiedToken& token,
                                        const StoredToken& stored, Result<> announced);
  asio::awaitable<bool> ask_to_try_again(const Targets& targets, Destination& destination, const VerifiedToken& token,
                                         const StoredToken& stored, Error& error);
  asio::awaitable<void> keep_in_store_only(const Targets& targets, Destination& destination, const VerifiedToken& token,
                                           const StoredToken& stored, Error& error);
  asio::awaitable<void> leave_unconfigured(const Targets& targets, const VerifiedToken& token, const StoredToken& kept,
                                           Error& error);
  Task<config::WrittenSlot> write_announced(const Targets& targets, const Destination& destination,
                                            const StoredToken& stored, std::chrono::milliseconds lock_limit,
                                            Result<>& announced);
  Task<config::WrittenSlot> write(const Target& target, const Destination& destination, const StoredToken& stored,
                                  std::chrono::milliseconds lock_limit);
  asio::awaitable<void> explain_style(const Target& target, const Destination& destination, const StoredToken& stored);
  bool expiry_is_estimated(const NewToken& token) const {
    return token.expiry_noted || (token.is_ours && !operation_.detail.expiry_known);
  }

  Dependencies& deps_;
  const TokenRequest& request_;
  TokenOperation& operation_;
};

}  // namespace jackin::lifecycle
