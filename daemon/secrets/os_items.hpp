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

/// For whom the operating system's store is asked, and until when.
struct OsCall {
  const Environment& client;   ///< The asking client's environment; the daemon's own when nobody asks.
  bool attended;               ///< A user is there, whom the system may ask to unlock something.
  Interrupt& interrupt;        ///< Ends what waits for the user.
  const TokensAtHand& tokens;  ///< What it writes or expects: kept out of what is quoted of the store.
};

/// An item, without its value.
struct OsItem {
  OsStoreSource name;
  bool ours = false;  ///< jackind made it.
};

/// An item to be made.
struct NewOsItem {
  OsStoreSource name;
  std::string label;  ///< For people.
  std::string notes;  ///< For people: where it comes from. Not every system has a place for them.
  std::string scope;
  std::string operation;
};

/// What the operating system keeps for its user: Secret Service on Linux, Keychain on macOS. All methods block, run on
/// a thread that may, and are never called by two threads at once for the same sort of call (OsCalls). None asks the
/// user anything unless the call is attended.
///
/// Errors of all, each with a remedy: source_unreachable (it is not there, locked, or its question was dismissed),
/// source_denied (refused), invalid_argument (a name that cannot be one), store_failed (it did not do what it was
/// asked), timed_out, and anything at all once the call is interrupted. Nothing is written after an interruption.
class OsItems {
 public:
  virtual ~OsItems() = default;

  /// As Store::kind and Store::name.
  virtual std::string kind() const = 0;
  virtual std::string name() const = 0;

  /// Whether it can be used: true when it runs, false when an attended call would start it. Asks nobody even when
  /// attended, and starts nothing.
  virtual Result<bool> look(const OsCall& call) = 0;

  /// Makes ready to take a new item: unlocks what it would go into.
  virtual Result<> unlock(const OsCall& call) = 0;

  /// The item of that name; nothing when it is certain that there is none. source_invalid: there are several.
  virtual Result<std::optional<OsItem>> find(const OsCall& call, const OsStoreSource& name) = 0;

  /// Its value, as it is. source_gone when it is certain that there is no such item; source_invalid: several.
  virtual Result<Secret> read(const OsCall& call, const OsStoreSource& name) = 0;

  /// Makes an item; never touches another.
  virtual Result<> add(const OsCall& call, const NewOsItem& item, const Secret& value) = 0;

  /// Gives an item another value. Errors as `read`.
  virtual Result<> replace(const OsCall& call, const OsStoreSource& name, const Secret& value) = 0;

  /// Deletes an item; false when it was gone already. source_invalid: there are several.
  virtual Result<bool> remove(const OsCall& call, const OsStoreSource& name) = 0;

  /// Whether there is an item that this operation of jackind's has made. Of twins all but one are deleted.
  virtual Result<bool> was_made_by(const OsCall& call, const std::string& operation) = 0;

  /// What of a client's environment decides which store is asked. Any thread.
  virtual Environment deciding(const Environment& client) const = 0;

  /// Whether it was open when it was last used, so that reading from it will ask nobody. Any thread.
  virtual bool is_known_open() const = 0;
};

/// This system's. `daemon` is the daemon's own environment, for calls that no client makes.
std::unique_ptr<OsItems> system_os_items(Environment daemon);

}  // namespace jackin::secrets
