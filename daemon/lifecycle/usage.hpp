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

/// Whether a layer has a token of its own. An entry of the older pair without its mode is a remainder that launches
/// nothing.
bool holds_a_token(const config::AuthKeys& keys);

/// slot_missing: the scope's own layer has no token. The remedy is `command` ("rotate") for the scope whose token it
/// uses, or setup.
Error no_token_of_its_own(config::Configuration& configuration, const Scope& scope, const std::string& command);

/// Who names a source in one configuration folder.
struct FolderUsers {
  std::vector<Scope> scopes;         ///< Those at whose own layer it is written, used or not.
  std::vector<Scope> unreadable;     ///< Those of which it cannot be known now: they count as users.
  std::vector<std::string> refused;  ///< Files of workspaces whose name no scope can have: they count as users too.
  std::optional<Error> unlisted;     ///< Why the workspaces cannot be listed: then any may be a user.

  bool may_be_more() const { return unlisted || !unreadable.empty() || !refused.empty(); }
};

/// The same in another configuration folder than the daemon's.
struct UsersElsewhere : FolderUsers {
  std::string folder;
  std::optional<Error> obstacle{};  ///< Why the folder cannot be read now: it counts as a user.

  bool may_be_more() const { return obstacle || FolderUsers::may_be_more(); }
};

/// Who names a source in the daemon's configuration folder, and in those that share its state folder.
struct Users : FolderUsers {
  std::vector<UsersElsewhere> elsewhere;  ///< Folders with a user, or with what counts as one.

  bool any() const;
  bool may_be_more() const;
};

/// The users, for messages: "'a' and 3 more, 'b' of the configuration in /other", and whether that is one scope.
std::string known_users(const Users& users);
bool is_one(const Users& users);
/// The command that rotates the token of the first of them.
std::string rotates_user(const Users& users);

/// Those of whom it cannot be known, for messages: "the configuration of 'a', 'b'". And the command that tells why.
std::string unknown_users(const Users& users);
std::string why_unknown(const config::Configuration& configuration, const Users& users);

/// `command`, of jackinctl, for the configuration in `folder`.
std::string for_folder(const std::string& folder, const std::string& command);

/// Reads the daemon's whole configuration as it is now, on another thread: file sources can lie on any mount. What
/// cannot be read in `TimedCalls::limit` is `unlisted`. Daemon's thread.
asio::awaitable<FolderUsers> users_of(Dependencies& deps, std::string reference);

/// The same, and before it every other configuration folder that was in use with this state folder. One that is
/// certainly gone (`is_there`) has no users; one that cannot be read in `TimedCalls::limit` counts as a user. Daemon's
/// thread.
asio::awaitable<Users> users_everywhere(Dependencies& deps, std::string reference);

/// The same, and those who read anything else of the item in which `source` is kept, which goes as a whole when it is
/// deleted, or name it otherwise. Asks the store where texts do not show it. Errors: those of the store, when it cannot
/// say whether somebody else does.
Task<Users> users_of_item(Dependencies& deps, secrets::CredentialSource source, const Environment& client);

/// The scopes in one line, for people: "'a', 'b' and 3 more".
std::string listed(const std::vector<Scope>& scopes);

/// Whether this scope took the source over as it was (`--reuse`): then what is stored there is not its to delete. What
/// is not recorded was not.
bool is_adopted(const health::Health& health, const Scope& scope, const std::string& reference);

/// The store that keeps tokens of that source; null when none here does.
secrets::Store* store_for(const std::vector<secrets::Store*>& stores, const secrets::CredentialSource& source);

/// `owner`, and the scopes whose running processes were handed a token and that have theirs from `owner` as the
/// configuration is now: a workspace without a slot of its own, a role of it.
asio::awaitable<std::vector<Scope>> launched_with_that_of(Dependencies& deps, Scope owner);

/// The processes that still run with a token that was handed to them: one of that fingerprint, or one of those scopes;
/// never one that has `except`. Nothing when the database cannot be read.
asio::awaitable<std::vector<ProcessIdentity>> holders_of(Dependencies& deps, std::vector<Scope> scopes,
                                                         std::optional<Fingerprint> fingerprint,
                                                         std::optional<Fingerprint> except);

}  // namespace jackin::lifecycle
