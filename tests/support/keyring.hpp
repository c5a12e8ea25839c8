// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>

#include "common/environment.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::test {

/// A real GNOME Keyring on a session bus of the test's own, with a mock user who answers its prompts
/// (tests/python/keyring.py). Its default keyring is open.
class Keyring {
 public:
  /// `option`: "--no-service" starts no service on the bus; "--startable" neither, but the bus can start the service.
  explicit Keyring(const std::string& option = {});
  Keyring(const Keyring&) = delete;
  Keyring& operator=(const Keyring&) = delete;
  ~Keyring();

  /// The environment of a client on that bus.
  Environment client() const { return Environment({{"DBUS_SESSION_BUS_ADDRESS", address_}}); }

  /// Calls the method of that name in keyring.py with these arguments. Returns its result, or "" for None.
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
