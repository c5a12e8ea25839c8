// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "daemon/async/task.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/secrets/store.hpp"
#include "daemon/state/journal_detail.hpp"

namespace jackin::lifecycle {

/// How a user deletes, by hand, an item that jackind stored and could not delete: a command where there is one.
std::string mending_command(const secrets::CredentialSource& source);

/// The command that wires the token which an operation has stored for `scope`: `detail` has its reference.
std::string configure_command(const Scope& scope, const state::JournalDetail& detail);

/// Takes back what an operation stored: deletes the item that it made, or puts back the field that it overwrote. An
/// error always has the remedy by which the user does it. Errors: those of Store::remove and Store::put_back.
Task<> take_out(secrets::Store& store, const secrets::StoredItem& item, const std::string& place_key,
                const Environment& client);

/// Why a stored token that nobody shall have any more is kept; nothing when it may go.
struct Kept {
  bool is_stuck = false;  ///< It should have gone, and doctor must list it.
  std::string message;
  std::string remedy;
};

/// Whether the configurations let it go: no scope names it any more, or anything else of the same item, in any
/// configuration folder that shares the state folder. Daemon's thread.
asio::awaitable<std::optional<Kept>> still_used(Dependencies& deps, secrets::CredentialSource source,
                                                const Environment& client);

/// Deletes what the source names, in the store that keeps it; what jackind did not make only when `removal` says so. An
/// item that is gone already counts as deleted. What is deleted remains of no revocation any more.
asio::awaitable<std::optional<Kept>> delete_stored(Dependencies& deps, secrets::CredentialSource source,
                                                   secrets::Removal removal, const Environment& client);

}  // namespace jackin::lifecycle
