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

/// What stands behind the stand-in for Security.framework: the keychains of one user, the user who is asked, and a
/// strict eye on how the functions are called. One for the process; `reset` at the start of each test.
///
/// As strict as the real one, or more: a missing class, a key that a function does not take, a value of the wrong type
/// and a value asked for of all matches are errSecParam; an object that is used or released after its last reference is
/// a fault, and one that is never released counts in `objects_left`.
class FakeKeychain {
 public:
  static FakeKeychain& instance();
  /// As a new user's: an open default keychain, nothing in it, nobody who answers.
  void reset();

  struct Item {
    std::string service;
    std::string account;
    std::string label;
    std::string comment;
    std::string generic;
    std::string value;
    std::string keychain = "login";
    bool ours_to_use = true;  ///< False: the Keychain asks before this program reads, changes or deletes it.
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
  /// A call of that name does what it is asked, and then fails with the status.
  std::map<std::string, OSStatus> failing_after;
  /// A call of that name says that it has done what it was asked, and has not.
  std::set<std::string> lying;
  /// A search for all gives a lone match without an array around it.
  bool gives_lone_match = false;
  /// A search succeeds and gives nothing at all.
  bool gives_null = false;

  /// Called at the beginning and at the end of every function that looks at the keychains: where they are kept
  /// elsewhere, they come from there, and go there (fake_keychain_file.hpp).
  std::function<void()> before_each;
  std::function<void()> after_each;

  /// Whether dialogs are allowed in this process (SecKeychainSetUserInteractionAllowed).
  bool interaction_allowed = true;

  /// What was done wrong with objects, in words.
  std::vector<std::string> faults;
  /// Objects that have not been released.
  std::size_t objects_left() const;
};

}  // namespace jackin::test
