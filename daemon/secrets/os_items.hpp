// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/environment.hpp"
#include "common/outside_text.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/secrets/credential_source.hpp"
#include "daemon/secrets/interrupt.hpp"

namespace jackin::secrets {

/// The caller of the operating system's store, and its limits.
struct OsCall {
  const Environment& client;  ///< The asking client's environment; the daemon's own without a client.
  bool attended;              ///< The system may prompt the user to unlock something.
  Interrupt& interrupt;       ///< Ends a wait for the user.
  const TokensAtHand&
      tokens;  ///< The tokens that the call writes or expects; messages that quote the store leave them out.
};

/// An item, without its value.
struct OsItem {
  OsStoreSource name;
  bool ours = false;  ///< jackind created it.
};

/// An item to be created.
struct NewOsItem {
  OsStoreSource name;
  std::string label;  ///< For display to the user.
  std::string notes;  ///< For display: the item's origin. Not every system stores it.
  std::string scope;
  std::string operation;
};

/// The operating system's store of the user: Secret Service on Linux, Keychain on macOS. All methods block and run on a
/// thread that may block. Two threads never make the same kind of call at once (OsCalls). No method prompts the user
/// unless the call is attended.
///
/// Errors of all, each with a remedy: source_unreachable (it does not exist, is locked, or its prompt was dismissed),
/// source_denied (refused), invalid_argument (an invalid name), store_failed (it did not execute the request),
/// timed_out, and any error once the call is interrupted. Nothing is written after an interruption.
class OsItems {
 public:
  virtual ~OsItems() = default;

  /// Same as Store::kind and Store::name.
  virtual SourceKind kind() const = 0;
  std::string name() const { return std::string(display_name(kind())); }

  /// Whether the store can be used: true when it runs, false when an attended call would start it. Never prompts, even
  /// when attended, and starts nothing.
  virtual Result<bool> is_usable(const OsCall& call) = 0;

  /// Prepares for a new item: unlocks the keyring that it would go into.
  virtual Result<> unlock(const OsCall& call) = 0;

  /// The item of that name; nothing when there is certainly none. source_invalid: there are several.
  virtual Result<std::optional<OsItem>> find(const OsCall& call, const OsStoreSource& name) = 0;

  /// Its unchanged value. source_gone when there is certainly no such item; source_invalid: several.
  virtual Result<Secret> read(const OsCall& call, const OsStoreSource& name) = 0;

  /// Creates an item; never changes another.
  virtual Result<> add(const OsCall& call, const NewOsItem& item, const Secret& value) = 0;

  /// Gives an item another value. Errors as `read`.
  virtual Result<> replace(const OsCall& call, const OsStoreSource& name, const Secret& value) = 0;

  /// Deletes an item; false when it did not exist. source_invalid: there are several.
  virtual Result<bool> remove(const OsCall& call, const OsStoreSource& name) = 0;

  /// Whether this jackind operation created an item. Deletes duplicates except one.
  virtual Result<bool> was_made_by(const OsCall& call, const std::string& operation) = 0;

  /// The variables of a client's environment that decide which store is used. Any thread.
  virtual Environment deciding(const Environment& client) const = 0;

  /// Whether it was unlocked when it was last used, so that a read will not prompt. Any thread.
  virtual bool is_known_open() const = 0;
};

/// This system's store. `daemon` is the daemon's own environment, for calls without a client.
std::unique_ptr<OsItems> system_os_items(Environment daemon);

}  // namespace jackin::secrets
