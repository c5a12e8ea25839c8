// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "daemon/async/task.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/secrets/store.hpp"
#include "daemon/state/journal_detail.hpp"

namespace jackin::lifecycle {

/// How the user deletes an item that jackind stored and could not delete.
Remedy deletion_of(const secrets::CredentialSource& source);

/// How `scope` is configured to use the token which an operation has stored; `detail` has its reference.
Remedy configuration_of(const Scope& scope, const state::JournalDetail& detail);

/// `state::is_about`, on another thread. An error says that the folder of `detail` does not answer or cannot be read,
/// so that the answer is unknown. It has a remedy.
Task<bool> is_of_configuration(async::TimedCalls& folders, std::filesystem::path config_dir,
                               state::JournalDetail detail);

/// Reverts what an operation stored: deletes the item that it created, or restores the field that it overwrote. An
/// error always has the remedy for the user. Errors: those of Store::remove and Store::put_back.
Task<> undo_storing(secrets::Store& store, const secrets::StoredItem& item, const std::string& place_key,
                    const Environment& client);

/// Removes the entries of jackind-slots.toml that the operation left: they name its old or its new token, and no file
/// names them. Errors: those of `config::remove_left_slots`.
Task<> remove_left_slots(Dependencies& deps, const state::JournalDetail& detail);

/// Why a stored token that is no longer wanted is kept; nothing when it can be deleted.
struct Kept {
  bool is_stuck = false;  ///< It could not be deleted, and doctor must list it.
  std::string message;
  Remedy remedy;
};

/// Whether the configurations allow its deletion: no scope names it or another field of its item. Checks every
/// configuration folder that shares the state folder. Daemon's thread.
asio::awaitable<std::optional<Kept>> still_used(Dependencies& deps, secrets::CredentialSource source,
                                                const Environment& client);

/// Deletes the item of the source from its store. Deletes an item that jackind did not create only when `removal` says
/// so. An item that is already gone counts as deleted. A deleted item is no longer listed as remaining after a
/// revocation.
asio::awaitable<std::optional<Kept>> delete_stored(Dependencies& deps, secrets::CredentialSource source,
                                                   secrets::Removal removal, const Environment& client);

}  // namespace jackin::lifecycle
