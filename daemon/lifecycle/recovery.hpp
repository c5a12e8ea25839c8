// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "common/scope.hpp"
#include "daemon/async/task.hpp"
#include "daemon/config/effective_auth.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/lifecycle/journal.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/secrets/credential_source.hpp"
#include "daemon/secrets/store.hpp"

namespace jackin::lifecycle {

/// The outcome of an operation that was found unfinished.
struct Recovered {
  std::string id;
  std::optional<OperationKind> kind;  ///< Nothing for a kind that this version does not know.
  Scope scope;
  Outcome outcome = Outcome::undone;
  std::string message;  ///< One sentence, for the log.
};

/// Ends operations that a crash interrupted or that could not be ended: finishes those whose token was validated and
/// configured, and undoes the others. Runs at the daemon's start and when doctor checks the system; daemon's thread.
/// Holds the scopes meanwhile; an operation with a busy scope is left for the next run. Decides by the current content
/// of the configuration and the stores, not by the step alone: a crash can occur between an action and its entry. Once
/// the journal says that the slots are done, only the old item is handled. A missing configuration does not show what
/// it names, so nothing that it may name is deleted. Operations of another configuration folder are not changed.
class Recovery {
 public:
  /// `started_at`: when this daemon was started, by `Clock::uptime`.
  Recovery(Dependencies& deps, Clock::Duration started_at);

  /// Processes the journal, oldest first. A setup or rotation whose slot names the stored token is finished. Otherwise
  /// a created token that is stored whole is kept until a slot names it or it is gone. Other items with the operation's
  /// id are deleted, and an overwritten value is examined. A revocation that has changed a file is finished, otherwise
  /// dropped. An operation that cannot be examined, written or deleted now is "stuck": doctor lists it, and the next
  /// run tries again. `own` is the environment for the stores: the daemon's, or that of the calling client. Errors:
  /// only those of the database.
  Task<std::vector<Recovered>> run(const Environment& own);

 private:
  /// One unfinished operation.
  struct Left {
    const state::OperationRecord& record;
    state::JournalDetail detail;
    const Environment& own;

    std::vector<Scope> scopes() const;
    /// The place of the old token; nothing when it cannot be read.
    std::optional<secrets::CredentialSource> old_source() const;
  };

  /// Nothing when another operation holds one of its scopes.
  asio::awaitable<std::optional<Recovered>> recover(const state::OperationRecord& record, const Environment& own);
  asio::awaitable<std::optional<Recovered>> recover_under(Operations::Lease& lease,
                                                          const state::OperationRecord& listed, const Environment& own);
  asio::awaitable<Recovered> recover_token(Left& left);
  asio::awaitable<Recovered> recover_written_over(Left& left);
  asio::awaitable<Recovered> recover_revocation(Left& left);
  asio::awaitable<Recovered> finish_token(Left& left, const secrets::CredentialSource& source);
  asio::awaitable<Recovered> undo_token(Left& left, std::optional<Scope> not_found);
  static bool stays_if_whole(const Left& left);
  asio::awaitable<Recovered> keep(Left& left, const secrets::StoredItem& item);
  Task<std::optional<config::LayerAuth>> layer_of(Scope scope);
  std::string reference_in(const config::AuthKeys& keys) const;
  asio::awaitable<Recovered> stuck_without(Left& left, const Scope& not_found, const secrets::CredentialSource& kept);
  asio::awaitable<bool> is_gone(const Left& left, const secrets::CredentialSource& source);
  Task<bool> is_newer(const Left& left, const state::TokenRecord& known, const secrets::CredentialSource& source);
  secrets::Store* store_of(const Left& left) const;
  asio::awaitable<Recovered> end_without_a_trace(Left& left, secrets::Store& store);
  Task<std::optional<Scope>> owner_of_its_token(const Left& left, const secrets::CredentialSource& place);
  asio::awaitable<Recovered> undo_in_existing(Left& left, secrets::Store& store, const secrets::StoredItem& item);
  asio::awaitable<Recovered> finish_old(Left& left, std::string message);
  Task<> write_remaining_slots(Left& left, const secrets::CredentialSource& source);
  Task<> clear_rest(Left& left);
  Task<> record_token(Left& left);
  Task<bool> remember_if_discarded(const Left& left);
  asio::awaitable<Recovered> end(Left& left, Outcome outcome, std::string message);
  asio::awaitable<Recovered> stuck(Left& left, std::string message);

  Dependencies& deps_;
  Clock::Duration started_at_;
  Journal journal_;
};

}  // namespace jackin::lifecycle
