// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/dates.hpp"
#include "common/environment.hpp"
#include "common/fingerprint.hpp"
#include "common/scope.hpp"
#include "common/secret.hpp"
#include "daemon/async/task.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::secrets {

/// Where the user wants a token kept. What is empty is the store's to choose; what a store does not know is
/// invalid_argument.
struct PlaceRequest {
  Scope scope;
  std::string operation_id;  ///< 26 characters; marks the item as this operation's.
  std::string vault;
  std::string item_name;  ///< `{ws}` stands for the workspace.
  std::string field;
  std::string section;
  std::string account;
  std::optional<Date> expires_on;
  std::string claude_version;  ///< For the item's notes; may be empty.
};

/// Where a token will go, decided and written down before anything is stored.
struct Place {
  PlaceRequest request;
  std::string key;        ///< What the store needs to find it again; goes into the journal. Never a secret.
  std::string display;    ///< For people: "file  ~/.local/share/jackind/tokens/…"
  bool replaces = false;  ///< Goes where another value stands now.
};

/// What a `put` found in the field of an existing item and replaced. In memory only.
struct Overwritten {
  Secret value;  ///< Empty: there was none.
  Digest put;    ///< Of the token that was put there: anything else in the field is somebody's later edit.
};

/// A token that is stored.
struct StoredItem {
  CredentialSource source;  ///< What goes into the slot.
  std::string display;      ///< For people, "1Password  Personal/Claude/credential".
  bool created = true;      ///< False when a field of an existing item was written; `put_back` undoes that.
  std::shared_ptr<const Overwritten> overwritten = nullptr;  ///< For `put_back`; null: a new field, or not known.
};

struct Availability {
  bool usable = false;
  std::string message;  ///< Why not; printable.
  std::string remedy;
  bool unclear = false;    ///< It may be there: it gave no answer in time.
  bool startable = false;  ///< It does not run, and is started when it is used for somebody.
};

/// What `Store::remove` may delete.
enum class Removal {
  only_ours,       ///< What jackind made (`Store::is_ours`).
  whatever_it_is,  ///< Anything, as the user has said.
};

/// A place that tokens can be kept in. Handed in; daemon's thread only; the blocking parts run elsewhere. `context`
/// carries the client's environment, for stores that are programs.
class Store {
 public:
  virtual ~Store() = default;

  /// "op", "keychain", "secret-service", "file": as `--store` takes it.
  virtual std::string kind() const = 0;
  /// "1Password", "Keychain", "Secret Service", "file".
  virtual std::string name() const = 0;

  /// Whether it can be used now. Never prompts.
  virtual asio::awaitable<Availability> availability(const Environment& client) = 0;

  /// Decides where a token will go. Writes nothing. Errors: invalid_argument, store_unavailable, source_unreachable.
  virtual Task<Place> plan(const PlaceRequest& request, const Environment& client) = 0;

  /// Whether a token of that source is kept here.
  virtual bool keeps(const CredentialSource& source) const = 0;

  /// What a user named, as a slot has it: one spelling for one place, IDs in place of names, and a path for people.
  /// Errors: invalid_argument (nothing of that name, or several; the remedy tells them apart), those of resolving.
  virtual Task<CredentialSource> canonical(const CredentialSource& named, const Environment& client) = 0;

  /// Decides where the successor of the token at `current` will go: beside an item that jackind made a new one like it;
  /// else into the same field or file, whose value it replaces (`Place::replaces`). Of the request only the scope, the
  /// operation and what goes into the item's notes are looked at. Writes nothing. Errors: those of `plan`, and those of
  /// reading `current`; an item that is gone has a successor all the same.
  virtual Task<Place> plan_successor(const CredentialSource& current, const PlaceRequest& request,
                                     const Environment& client) = 0;

  /// Stores. On an error the caller asks `find_by_operation` what became of it. Errors: store_failed,
  /// store_unavailable, disk_full, permission_denied, timed_out, cancelled.
  virtual Task<StoredItem> put(const Place& place, const Secret& token, const Environment& client) = 0;

  /// Reads a stored token past every cache. `expected` is the token that was put there, null when it is not known: it
  /// is kept out of messages, not compared. Errors: those of resolving.
  virtual Task<Secret> read_back(const StoredItem& item, const Secret* expected, const Environment& client) = 0;

  /// What this operation has stored, if anything. For the clean-up after a failure or a crash. Errors:
  /// source_unreachable, store_unavailable.
  virtual Task<std::optional<StoredItem>> find_by_operation(const std::string& operation_id,
                                                            const std::string& place_key,
                                                            const Environment& client) = 0;

  /// The item that is there already and is changed when something goes to that place: one operation changes it at a
  /// time (`Operations::Lease::hold_item`). Empty: what is made there is new.
  virtual std::string changed_item(const std::string& place_key) const;

  /// For how long a write that was under way when a daemon died can still be carried out. Zero: it died with it.
  virtual asio::awaitable<std::chrono::seconds> outlives_daemon(const Environment& client);

  /// The command with which a user finds what this operation may have stored, when the store does not answer; empty
  /// where the place's name says enough.
  virtual std::string search_command(const std::string& operation_id, const std::string& place_key) const;

  /// Whether the source is an item that jackind made here (tag, place or attribute). Errors: source_unreachable.
  virtual Task<bool> is_ours(const CredentialSource& source, const Environment& client) = 0;

  /// Which of `others` are read from what `remove(item)` would take away, where their texts do not show it: an item of
  /// 1Password goes as a whole, and can be named by IDs and by names. One answer for each, in their order. Errors:
  /// those of resolving `item`.
  virtual Task<std::vector<bool>> read_from(const CredentialSource& item, std::vector<CredentialSource> others,
                                            const Environment& client);

  /// Deletes an item; false when it was gone already. Errors: not_ours (it is not, and `removal` is `only_ours`),
  /// store_failed, source_unreachable.
  virtual Task<bool> remove(const CredentialSource& source, Removal removal, const Environment& client) = 0;

  /// Undoes a `put` that wrote a field of an existing item (`created` is false): a field that was new is taken away,
  /// one that was there has its old value again, and one that somebody has changed since stays. Does nothing where
  /// nothing was put. Errors: not_ours (the old value is not known any more, after a crash, or the field has changed;
  /// the remedy says where the user finds it), store_failed, source_unreachable.
  virtual Task<> put_back(const StoredItem& item, const std::string& place_key, const Environment& client);
};

inline std::string Store::changed_item(const std::string&) const {
  return {};
}

inline asio::awaitable<std::chrono::seconds> Store::outlives_daemon(const Environment&) {
  co_return std::chrono::seconds(0);
}

inline std::string Store::search_command(const std::string&, const std::string&) const {
  return {};
}

inline Task<std::vector<bool>> Store::read_from(const CredentialSource&, std::vector<CredentialSource> others,
                                                const Environment&) {
  co_return std::vector<bool>(others.size(), false);
}

inline Task<> Store::put_back(const StoredItem&, const std::string&, const Environment&) {
  co_return failure(Reason::unsupported, "the store '" + kind() + "' writes into no existing items");
}

}  // namespace jackin::secrets
