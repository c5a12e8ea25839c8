// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

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

/// Notifies with a program that the user configures, `[notify] command`: program (absolute, or found on `environment`'s
/// PATH) and arguments, run without a shell. From the daemon's `environment` it gets HOME, PATH, LANG, XDG_RUNTIME_DIR,
/// DBUS_SESSION_BUS_ADDRESS, DISPLAY and WAYLAND_DISPLAY. It also gets the facts: JACKIN_EVENT, JACKIN_SCOPE,
/// JACKIN_SUMMARY, JACKIN_REMEDY, and where known JACKIN_DAYS_LEFT, JACKIN_EXPIRES_ON (YYYY-MM-DD) and
/// JACKIN_FINGERPRINT. The daemon kills it after 30 s. An exit code other than 0 is program_failed. `command` must not
/// be empty; `programs` must outlive this.
std::unique_ptr<Notifier> command_notifier(std::vector<std::string> command, Environment environment,
                                           ProgramRunner& programs);

/// Notifies through the Notification Center with macOS's `osascript`. UNUserNotificationCenter terminates a
/// process that has no bundle, such as jackind. The notification therefore appears as Script
/// Editor's, has no urgency and does not replace an earlier one. macOS shows it only when the user allows Script
/// Editor's notifications. The daemon cannot learn whether macOS showed it. The texts are arguments of a fixed script,
/// never part of it. The daemon kills the program after 10 s. `osascript` is absolute; the program gets HOME, PATH and
/// LANG of `environment`. Errors: program_missing, program_failed, timed_out, cancelled. `programs` must outlive this.
std::unique_ptr<Notifier> apple_script_notifier(std::filesystem::path osascript, Environment environment,
                                                ProgramRunner& programs);

}  // namespace jackin::notify
