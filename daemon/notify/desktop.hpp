// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <memory>

#include "common/environment.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::notify {

/// Notifies on the user's desktop.
///
/// Linux: org.freedesktop.Notifications on the session bus that the daemon's `environment` names
/// (DBUS_SESSION_BUS_ADDRESS, else `$XDG_RUNTIME_DIR/bus`), within 5 s. When no service owns the name, the bus may
/// start one only if `environment` has a display. unsupported when there is no bus or no service. Each notification
/// uses its own connection, so an idle daemon holds no bus connection.
///
/// macOS: `apple_script_notifier`.
///
/// `clock` and `programs` must outlive this.
std::unique_ptr<Notifier> desktop_notifier(asio::any_io_executor executor, Clock& clock, Environment environment,
                                           ProgramRunner& programs);

}  // namespace jackin::notify
