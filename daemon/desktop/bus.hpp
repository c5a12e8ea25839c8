// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "common/environment.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/task.hpp"

struct sd_bus_message;

namespace jackin::desktop {

struct BusMessageRelease {
  void operator()(sd_bus_message* message) const noexcept;
};
/// A D-Bus message, sd-bus's, to be filled and read with its functions (sd-bus(3)).
using BusMessage = std::unique_ptr<sd_bus_message, BusMessageRelease>;

/// Where the user's session bus is: DBUS_SESSION_BUS_ADDRESS, else `$XDG_RUNTIME_DIR/bus`. unsupported when neither
/// says. None is ever started.
Result<std::string> session_bus_address(const Environment& environment);
/// Where the system bus is: DBUS_SYSTEM_BUS_ADDRESS, else /run/dbus/system_bus_socket.
std::string system_bus_address(const Environment& environment);

/// What a failure of sd-bus's (a negative errno) means.
Error bus_error(std::string_view what, int negative_errno);

/// A connection to a D-Bus message bus, served by the io_context: nothing blocks, the handshake included, no thread is
/// started, and nothing wakes while the bus is silent. Linux only. Daemon's thread only.
class Bus {
 public:
  /// Begins to connect. What is sent before the bus has answered waits for that; when it never does, the calls time
  /// out. unsupported: nobody listens at `address`. io_failed otherwise. `clock` must outlive the io_context's last
  /// run.
  static Result<std::unique_ptr<Bus>> connect(asio::any_io_executor executor, Clock& clock, const std::string& address);
  /// Closes the connection; calls that are under way end with cancelled, no function is called any more.
  ~Bus();
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  /// A method call to fill and to send with `call`. Errors: invalid_argument, io_failed.
  Result<BusMessage> method_call(const char* destination, const char* path, const char* interface, const char* member);

  /// Sends and waits for the reply. `what` begins the message of an error, which is: unsupported (no such service,
  /// object or method), permission_denied, timed_out (no reply within `limit`), cancelled, io_failed (the connection
  /// was lost; any other error that the service replies). Whether the service was started for it is the message's own
  /// to say (sd_bus_message_set_auto_start).
  Task<BusMessage> call(BusMessage message, Clock::Duration limit, std::string what);

  /// Calls `heard` for every message that `match` selects (D-Bus specification, "Match Rules"), from the io_context's
  /// run, until the connection ends. Errors: invalid_argument, io_failed.
  Result<> listen(const std::string& match, std::function<void(sd_bus_message&)> heard);

  /// Calls `lost` once, from the io_context's run, when the connection has ended by itself.
  void on_loss(std::function<void(const Error&)> lost);

 private:
  struct State;
  explicit Bus(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace jackin::desktop
