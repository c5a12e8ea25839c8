// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "tests/support/temp_dir.hpp"

namespace jackin::test {

/// A D-Bus message bus of the test's own: a `dbus-daemon` on which every client may own every name. It can start only
/// the test's services. It ends with the test program at the latest.
class MessageBus {
 public:
  /// Returns when the bus answers.
  MessageBus();
  ~MessageBus();
  MessageBus(const MessageBus&) = delete;
  MessageBus& operator=(const MessageBus&) = delete;

  const std::string& address() const { return address_; }

  /// From now on the bus starts `command` (for a shell) when a client calls `name`. Call it before the first
  /// connection: it changes the address.
  void start_on_demand(std::string_view name, std::string_view command);

  /// From now on the bus accepts connections and does not answer.
  void freeze();

  /// Ends the bus, and every connection to it.
  void stop();

 private:
  void start();

  TempDir folder_;
  std::string address_;
  pid_t daemon_ = -1;
};

}  // namespace jackin::test
