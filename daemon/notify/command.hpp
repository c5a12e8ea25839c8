// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::notify {

/// Notifies with a program that the user configures, `[notify] command`: program (absolute, or found on `environment`'s
/// PATH) and arguments, run without a shell. From the daemon's `environment` it gets HOME, PATH, LANG, XDG_RUNTIME_DIR,
/// DBUS_SESSION_BUS_ADDRESS, DISPLAY and WAYLAND_DISPLAY. It also gets the facts: JACKIN_EVENT, JACKIN_SCOPE,
/// JACKIN_SUMMARY, JACKIN_REMEDY, and where known JACKIN_DAYS_LEFT, JACKIN_EXPIRES_ON (YYYY-MM-DD) and
/// JACKIN_FINGERPRINT. The daemon kills it after 30 s. An exit code other than 0 is program_failed. `command` must not
/// be empty; `programs` must outlive this.
std::unique_ptr<Notifier> command_notifier(std::vector<std::string> command, Environment environment,
                                           ProgramRunner& programs);

}  // namespace jackin::notify
