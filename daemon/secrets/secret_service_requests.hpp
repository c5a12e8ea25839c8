// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/outside_text.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/secrets/os_items.hpp"
#include "daemon/secrets/secret_service_bus.hpp"

namespace jackin::secrets {

/// An item that a search found.
struct FoundItem {
  std::string path;  ///< Of the D-Bus object.
  bool locked = false;
};

/// "the service 'x' and the account 'y'", for messages.
std::string in_words(const OsStoreSource& name);

/// The store's requests to a Secret Service over one session: a fault of the bus becomes an Error with a remedy. All
/// block. Errors of all: source_unreachable (locked, no answer), source_denied; store_failed for a failed change. Only
/// attended requests let the service prompt. Belongs to the thread of `bus`.
class SecretServiceRequests {
 public:
  /// All must outlive it. `known_open` receives whether the last item or keyring was unlocked.
  SecretServiceRequests(SecretServiceBus& bus, const OsCall& call, bool attended, std::atomic<bool>& known_open)
      : bus_(bus), tokens_(call.tokens), attended_(attended), known_open_(known_open) {}

  /// The default keyring. Errors: source_unreachable (there is none).
  Result<std::string> expect_default_keyring();
  Result<bool> is_keyring_locked(const std::string& keyring);
  /// When attended, the service prompts to unlock it.
  Result<> unlock_keyring(const std::string& keyring);

  /// The items that an operation of jackind has created.
  Result<std::vector<FoundItem>> items_of_operation(const std::string& operation);
  /// The one item of that name; nothing when it is certainly gone. Errors: invalid_argument, source_invalid (several).
  Result<std::optional<FoundItem>> item(const OsStoreSource& name);
  /// The same. Errors: source_gone in addition.
  Result<FoundItem> expect_item(const OsStoreSource& name);
  /// Whether jackind created the item.
  Result<bool> is_ours(const FoundItem& found, const OsStoreSource& name);
  /// Whether the item still exists.
  Result<bool> is_there(const FoundItem& found, const OsStoreSource& name);

  /// Reads, replaces and deletes an item, and creates one in the default keyring. Each first unlocks the item or the
  /// keyring. A deletion of an item that no longer exists succeeds.
  Result<Secret> read(const FoundItem& found);
  Result<> replace(const FoundItem& found, const Secret& value);
  Result<> remove(const FoundItem& found);
  Result<> add(const NewOsItem& item, const Secret& value);

 private:
  using Attributes = std::map<std::string, std::string>;

  // Nothing: there is none.
  Result<std::optional<std::string>> default_keyring();
  Result<bool> is_locked(const std::string& path, const char* interface);
  Result<> unlock(const std::string& path, const char* interface);
  Result<std::vector<FoundItem>> search(const Attributes& attributes);
  // Whether a search sees every existing item; attended, it unlocks the default keyring for that.
  Result<bool> see_all();
  // A prompt that belongs to a change. Only its result shows whether the change was made.
  Result<> answered(const std::string& question);
  Result<> not_interrupted() const;
  template <typename T>
  Result<T> checked(BusResult<T> answer);
  Error write_error(const BusFault& fault);
  Result<Variant> written(BusResult<> answer);

  SecretServiceBus& bus_;
  const TokensAtHand& tokens_;
  bool attended_;
  std::atomic<bool>& known_open_;
};

}  // namespace jackin::secrets
