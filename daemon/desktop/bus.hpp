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
/// An sd-bus message, written and read with the functions of sd-bus(3).
using BusMessage = std::unique_ptr<sd_bus_message, BusMessageRelease>;

/// The address of the user's session bus: DBUS_SESSION_BUS_ADDRESS, else `$XDG_RUNTIME_DIR/bus`. unsupported when
/// neither is set. Never starts a bus.
Result<std::string> session_bus_address(const Environment& environment);
/// The address of the system bus: DBUS_SYSTEM_BUS_ADDRESS, else /run/dbus/system_bus_socket.
std::string system_bus_address(const Environment& environment);

/// Converts an sd-bus failure (a negative errno) to an Error.
Error bus_error(std::string_view what, int negative_errno);

/// A connection to a D-Bus message bus, served by the io_context. Nothing blocks, including the handshake. It starts no
/// thread and causes no wake-up while the bus is silent. Linux only. Daemon's thread only.
class Bus {
 public:
  /// Begins to connect. Messages wait until the bus has answered; when it never does, the calls time out. Errors:
  /// unsupported (no process listens at `address`), else io_failed. `clock` must outlive the io_context's last run.
  static Result<std::unique_ptr<Bus>> connect(asio::any_io_executor executor, Clock& clock, const std::string& address);
  /// Closes the connection. Pending calls end with cancelled, and no callback is called afterwards.
  ~Bus();
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  /// Creates a method call to fill and to send with `call`. Errors: invalid_argument, io_failed.
  Result<BusMessage> method_call(const char* destination, const char* path, const char* interface, const char* member);

  /// Sends and waits for the reply. `what` begins the message of an error. Errors: unsupported (no such service, object
  /// or method), permission_denied, timed_out (no reply within `limit`), cancelled, io_failed (the connection was lost,
  /// or the service replied any other error). The message itself decides whether the bus may start the service
  /// (sd_bus_message_set_auto_start).
  Task<BusMessage> call(BusMessage message, Clock::Duration limit, std::string what);

  /// Calls `on_message` for every message that `match` selects (D-Bus specification, "Match Rules"), from the
  /// io_context's run, until the connection ends. Errors: invalid_argument, io_failed.
  Result<> listen(const std::string& match, std::function<void(sd_bus_message&)> on_message);

  /// Calls `lost` once, from the io_context's run, when the connection ends without being closed by this object.
  void on_loss(std::function<void(const Error&)> lost);

 private:
  struct State;
  explicit Bus(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace jackin::desktop
