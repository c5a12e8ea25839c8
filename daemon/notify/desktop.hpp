// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <memory>

#include "common/environment.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::notify {

/// Tells on the user's desktop.
///
/// Linux: org.freedesktop.Notifications on the session bus that `environment`, the daemon's, names
/// (DBUS_SESSION_BUS_ADDRESS, else `$XDG_RUNTIME_DIR/bus`), within 5 s. Nothing is started for it: where no service has
/// the name, the bus may start one only with a display in `environment`. unsupported when there is no bus or no
/// service. The connection lasts for one notice, so an idle daemon is on no bus.
///
/// macOS: `apple_script_notifier`.
///
/// `clock` and `programs` must outlive this.
std::unique_ptr<Notifier> desktop_notifier(asio::any_io_executor executor, Clock& clock, Environment environment,
                                           ProgramRunner& programs);

}  // namespace jackin::notify
