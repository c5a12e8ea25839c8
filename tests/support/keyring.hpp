// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>

#include "common/environment.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::test {

/// A real GNOME Keyring on a session bus of the test's own, with a stand-in for the user whom it asks
/// (tests/python/keyring.py). Its default keyring is open.
class Keyring {
 public:
  /// `option`: "--no-service" leaves the bus empty; "--startable" as well, but the bus can start the service.
  explicit Keyring(const std::string& option = {});
  Keyring(const Keyring&) = delete;
  Keyring& operator=(const Keyring&) = delete;
  ~Keyring();

  /// A client's environment on that bus.
  Environment client() const { return Environment({{"DBUS_SESSION_BUS_ADDRESS", address_}}); }

  /// Lets keyring.py call the method of that name with these words; what it returns, "" for None.
  template <typename... Words>
  std::string operator()(const std::string& method, const Words&... words) {
    return say((method + ... + ("\t" + std::string(words))));
  }

 private:
  std::string say(const std::string& line);
  std::string next_line();

  TempDir folder_;
  pid_t helper_ = -1;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
  std::string address_;
};

}  // namespace jackin::test
