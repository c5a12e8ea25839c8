// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Security/Security.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace jackin::test {

/// The implementation of the stand-in for Security.framework: the keychains of one user, the user who answers prompts,
/// and checks of how the functions are called. One for the process; call `reset` at the start of each test.
///
/// It is as strict as the real one, or more. A missing class, a key that a function does not accept, a value of the
/// wrong type, and a value requested for all matches give errSecParam. Using or releasing an object after its last
/// reference is a fault. An object that is never released counts in `objects_left`.
class FakeKeychain {
 public:
  static FakeKeychain& instance();
  /// Restores the state of a new user: an open default keychain without items, and no answer to prompts.
  void reset();

  struct Item {
    std::string service;
    std::string account;
    std::string label;
    std::string comment;
    std::string generic;
    std::string value;
    std::string keychain = "login";
    bool is_accessible = true;  ///< False: the Keychain prompts before this program reads, changes or deletes it.
    std::int32_t creator = 0;
    friend bool operator==(const Item&, const Item&) = default;
  };
  std::vector<Item> items;

  bool has_default = true;
  bool locked = false;
  bool has_screen = true;  ///< False: dialogs cannot be shown in this session.
  /// The user's answer to a dialog: errSecSuccess, errSecUserCanceled or errSecAuthFailed. Called once a dialog.
  std::function<OSStatus()> user;
  int dialogs = 0;

  /// The next call of that name fails with the status.
  std::map<std::string, OSStatus> failing;
  /// A call of that name does its work, and then fails with the status.
  std::map<std::string, OSStatus> failing_after;
  /// A call of that name reports success, and does nothing.
  std::set<std::string> lying;
  /// A search for all matches gives a single match without an array around it.
  bool gives_lone_match = false;
  /// A search succeeds and gives no result.
  bool gives_null = false;

  /// Called at the beginning and at the end of every function that reads the keychains. When another place keeps the
  /// items, the function loads them from there and saves them there (fake_keychain_file.hpp).
  std::function<void()> before_each;
  std::function<void()> after_each;

  /// Whether dialogs are allowed in this process (SecKeychainSetUserInteractionAllowed).
  bool interaction_allowed = true;

  /// The faults in the use of objects, as text.
  std::vector<std::string> faults;
  /// Objects that have not been released.
  std::size_t objects_left() const;
};

}  // namespace jackin::test
