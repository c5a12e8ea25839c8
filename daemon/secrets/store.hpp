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
#include "common/source_kind.hpp"
#include "common/words.hpp"
#include "daemon/async/task.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::secrets {

/// The place that the user requests for a token. The store chooses the empty parts; a part that a store does not have
/// is invalid_argument.
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

/// Where a token will go, decided and recorded before anything is stored.
struct Place {
  PlaceRequest request;
  std::string key;        ///< The data that the store needs to find it again; recorded in the journal. Never a secret.
  std::string display;    ///< For display: "file ~/.local/share/jackind/tokens/…"
  bool replaces = false;  ///< The place holds another value now.
};

/// The value that a `put` found in the field of an existing item and replaced. In memory only.
struct Overwritten {
  Secret value;  ///< Empty: there was none.
  Digest put;    ///< Of the token that was put there: any other value in the field is a later edit.
};

/// A token that is stored.
struct StoredItem {
  CredentialSource source;  ///< The source to write into the slot.
  std::string display;      ///< For display: "1Password Personal/Claude/credential".
  bool created = true;      ///< False when a field of an existing item was written; `put_back` undoes that.
  std::shared_ptr<const Overwritten> overwritten = nullptr;  ///< For `put_back`; null: a new field, or not known.
};

struct Availability {
  bool usable = false;
  std::string message;  ///< The reason when it is not available; printable.
  Remedy remedy{};
  bool unclear = false;    ///< It may be available: it did not answer in time.
  bool startable = false;  ///< It does not run; an attended call starts it.
};

/// What `Store::remove` may delete.
enum class Removal {
  only_ours,       ///< What jackind created (`Store::is_ours`).
  whatever_it_is,  ///< Anything, on the user's request.
};

/// A store that tokens can be written to. Passed in; daemon's thread only; the blocking parts run on other threads.
/// `context` carries the client's environment, for stores that are programs.
class Store {
 public:
  virtual ~Store() = default;

  /// One of `store_kinds`.
  virtual SourceKind kind() const = 0;
  /// The name for users.
  virtual std::string name() const { return std::string(display_name(kind())); }

  /// Whether it can be used now. Never prompts.
  virtual asio::awaitable<Availability> availability(const Environment& client) = 0;

  /// Decides where a token will go. Writes nothing. Errors: invalid_argument, store_unavailable, source_unreachable.
  virtual Task<Place> plan(const PlaceRequest& request, const Environment& client) = 0;

  /// Whether this store holds tokens of that source.
  virtual bool holds(const CredentialSource& source) const = 0;

  /// The canonical form of a source that a user named: one spelling for one place, IDs in place of names, and a path
  /// for display. Errors: invalid_argument (nothing of that name, or several; the remedy distinguishes them), those of
  /// resolving.
  virtual Task<CredentialSource> canonical(const CredentialSource& named, const Environment& client) = 0;

  /// Decides where the successor of the token at `current` will go. For an item that jackind or jackin created: a new
  /// one like it beside it. Else: the same field or file, whose value it replaces (`Place::replaces`). Uses only the
  /// request's scope, operation and data for the item's notes. Writes nothing. Errors: those of `plan`, and those of
  /// reading `current`; an item that is gone still has a successor.
  virtual Task<Place> plan_successor(const CredentialSource& current, const PlaceRequest& request,
                                     const Environment& client) = 0;

  /// Stores a token. On an error the caller uses `find_by_operation` to learn the outcome. Errors: store_failed,
  /// store_unavailable, disk_full, permission_denied, timed_out, cancelled.
  virtual Task<StoredItem> put(const Place& place, const Secret& token, const Environment& client) = 0;

  /// Reads a stored token, bypassing every cache. `expected` is the token that was put there, null when unknown. It is
  /// kept out of messages, not compared. Errors: those of resolving.
  virtual Task<Secret> read_back(const StoredItem& item, const Secret* expected, const Environment& client) = 0;

  /// The item that this operation stored, if any. For the clean-up after a failure or a crash. Errors:
  /// source_unreachable, store_unavailable.
  virtual Task<std::optional<StoredItem>> find_by_operation(const std::string& operation_id,
                                                            const std::string& place_key,
                                                            const Environment& client) = 0;

  /// The existing item that a write to that place changes; one operation changes it at a time
  /// (`Operations::Lease::hold_item`). Empty: the write creates a new item.
  virtual std::string changed_item(const std::string& place_key) const;

  /// How long a write that was pending when a daemon was killed can still take effect. Zero: it ended with the daemon.
  virtual asio::awaitable<std::chrono::seconds> outlives_daemon(const Environment& client);

  /// How a user finds the item that this operation may have stored, when the store does not answer; empty when the
  /// place's name suffices.
  virtual Remedy finds(const std::string& operation_id, const std::string& place_key) const;

  /// Whether the source is an item that jackind created here (tag, place or attribute). Errors: source_unreachable.
  virtual Task<bool> is_ours(const CredentialSource& source, const Environment& client) = 0;

  /// Whether the source is an item that jackin itself created here for the scope's workspace. Such an item is deleted
  /// only on the user's request for that scope. Errors: source_unreachable.
  virtual Task<bool> is_jackins(const CredentialSource& source, const Scope& scope, const Environment& client);

  /// Which of `others` read an item that `remove(item)` would delete, where their texts do not show it. 1Password
  /// deletes an item as a whole, and IDs or names can name it. One answer for each, in their order. Errors: those of
  /// resolving `item`.
  virtual Task<std::vector<bool>> read_from(const CredentialSource& item, std::vector<CredentialSource> others,
                                            const Environment& client);

  /// Deletes an item; false when it did not exist. Errors: not_ours (jackind did not create it, and `removal` is
  /// `only_ours`), store_failed, source_unreachable.
  virtual Task<bool> remove(const CredentialSource& source, Removal removal, const Environment& client) = 0;

  /// Undoes a `put` that wrote a field of an existing item (`created` is false). Removes a new field, restores an
  /// existing field's old value, and leaves a field that was changed since. Does nothing when nothing was put. Errors:
  /// not_ours (the old value is unknown, after a crash, or the field has changed; the remedy says where the user finds
  /// it), store_failed, source_unreachable.
  virtual Task<> put_back(const StoredItem& item, const std::string& place_key, const Environment& client);
};

inline std::string Store::changed_item(const std::string&) const {
  return {};
}

inline asio::awaitable<std::chrono::seconds> Store::outlives_daemon(const Environment&) {
  co_return std::chrono::seconds(0);
}

inline Remedy Store::finds(const std::string&, const std::string&) const {
  return {};
}

inline Task<bool> Store::is_jackins(const CredentialSource&, const Scope&, const Environment&) {
  co_return false;
}

inline Task<std::vector<bool>> Store::read_from(const CredentialSource&, std::vector<CredentialSource> others,
                                                const Environment&) {
  co_return std::vector<bool>(others.size(), false);
}

inline Task<> Store::put_back(const StoredItem&, const std::string&, const Environment&) {
  co_return failure(Reason::unsupported,
                    "the store '" + std::string(word_of(kind())) + "' writes into no existing items");
}

}  // namespace jackin::secrets
