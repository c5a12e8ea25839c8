// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "common/fingerprint.hpp"
#include "common/scope.hpp"
#include "daemon/config/auth_keys.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/process/program_runner.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::lifecycle {

/// Whether a layer has a token of its own. No launch uses an entry of the older pair without its mode, so such an entry
/// does not count.
bool holds_a_token(const config::AuthKeys& keys);

/// The error slot_missing: the scope's own layer, which was just read, has no token. The remedy is `action` (rotate,
/// revoke) for the scope whose token it uses, or setup.
Error no_token_of_its_own(config::Configuration& configuration, const Scope& scope, RemedyAction action);

/// A position in a configuration file, "config.toml:4:30", and how to edit it there.
struct FilePosition {
  std::string text;
  Remedy remedy;
};

/// The users of a source in one configuration folder: the scopes that name it.
struct FolderUsers {
  std::vector<Scope> scopes;           ///< Scopes whose own layer names the source, used or not.
  std::vector<FilePosition> mentions;  ///< Values outside of every layer that name it (`config::Mention`).
  std::vector<Scope> unreadable;       ///< Scopes that cannot be read now: they count as users.
  std::vector<FilePosition> unclear;   ///< Mentions that cannot be read now: they count as users.
  std::vector<std::string> refused;    ///< Workspace files whose name cannot be a scope: they count as users too.
  std::optional<Error> unlisted;       ///< Why the workspaces cannot be listed: then any workspace may be a user.

  bool any() const { return !scopes.empty() || !mentions.empty(); }
  bool may_be_more() const { return unlisted || !unreadable.empty() || !unclear.empty() || !refused.empty(); }
};

/// The same for a configuration folder other than the daemon's.
struct UsersElsewhere : FolderUsers {
  std::string folder;
  std::optional<Error> obstacle{};  ///< Why the folder cannot be read now: it counts as a user.

  bool may_be_more() const { return obstacle || FolderUsers::may_be_more(); }
};

/// The users of a source in the daemon's configuration folder and in those that share its state folder.
struct Users : FolderUsers {
  std::vector<UsersElsewhere> elsewhere;  ///< Folders with a user, or with an entry that counts as one.

  bool any() const;
  bool may_be_more() const;
};

/// The users, for messages: "'a' and 3 more, config.toml:4:30, 'b' of the configuration in /other", and whether that is
/// one user.
std::string known_users(const Users& users);
bool is_one(const Users& users);
/// The remedy for the first user: rotate its token. For a mention: edit the file.
Remedy rotation_of_first(const Users& users);

/// The scopes that cannot be read, for messages: "the configuration of 'a', 'b'". `why_unknown` is the remedy that
/// shows the reason.
std::string unknown_users(const Users& users);
Remedy why_unknown(const config::Configuration& configuration, const Users& users);

/// Reads the daemon's whole current configuration. A file that does not answer is `unreadable`. File sources can be on
/// any mount: when they cannot be compared within `TimedCalls::limit`, the folder is `unlisted`. Daemon's thread.
asio::awaitable<FolderUsers> users_of(Dependencies& deps, std::string reference);

/// The scopes that may read a place whose token was replaced: those that name it, and those whose record names it,
/// since a file can be unavailable. Daemon's thread.
asio::awaitable<std::vector<Scope>> readers_of(Dependencies& deps, std::string reference);

/// The users in every other configuration folder that was used with this state folder, and then those of `users_of`. A
/// folder that is certainly gone (`is_there`) has no users. A folder that cannot be read within `TimedCalls::limit`
/// counts as a user. Daemon's thread.
asio::awaitable<Users> users_everywhere(Dependencies& deps, std::string reference);

/// The same, for the whole item of `source`: also scopes that read another field of it, or that name it in another way.
/// Calls the store if a comparison of the references is not enough. Errors: those of the store, when it cannot
/// determine whether another scope uses the item.
Task<Users> users_of_item(Dependencies& deps, secrets::CredentialSource source, const Environment& client);

/// Whether this scope adopted the source (`--reuse`): then the scope must not delete its item. False without a record.
bool is_adopted(const health::Health& health, const Scope& scope, const std::string& reference);

/// The store that keeps tokens of that source; null when no store does.
secrets::Store* store_for(const std::vector<secrets::Store*>& stores, const secrets::CredentialSource& source);

/// `owner`, and the scopes that inherit its token in the current configuration and whose running processes received a
/// token.
asio::awaitable<std::vector<Scope>> launched_with_that_of(Dependencies& deps, Scope owner);

/// The running processes that received the token with that fingerprint, or any token of those scopes. Omits processes
/// that received the token `except`. Nothing when the database cannot be read.
asio::awaitable<std::vector<ProcessIdentity>> holders_of(Dependencies& deps, std::vector<Scope> scopes,
                                                         std::optional<Fingerprint> fingerprint,
                                                         std::optional<Fingerprint> except);

}  // namespace jackin::lifecycle
