// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "tests/support/temp_dir.hpp"

namespace jackin::test {

/// A D-Bus message bus of the test's own: a `dbus-daemon` on which everybody may own every name, and which knows no
/// service that it could start but the test's. Ends with the test program at the latest.
class MessageBus {
 public:
  /// The bus answers when this returns.
  MessageBus();
  ~MessageBus();
  MessageBus(const MessageBus&) = delete;
  MessageBus& operator=(const MessageBus&) = delete;

  const std::string& address() const { return address_; }

  /// From now on the bus starts `command` (a shell's) for whoever calls `name`. Before the first connection; the
  /// address is another one then.
  void start_on_demand(std::string_view name, std::string_view command);

  /// From now on the bus takes connections and says nothing any more.
  void freeze();

  /// Ends the bus, and with it every connection.
  void stop();

 private:
  void start();

  TempDir folder_;
  std::string address_;
  pid_t daemon_ = -1;
};

}  // namespace jackin::test
