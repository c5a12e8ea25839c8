// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::notify {

/// Tells by a program of the user's, `[notify] command`: program (absolute, or looked up on `environment`'s PATH) and
/// arguments, run without a shell. Of `environment`, the daemon's, it gets HOME, PATH, LANG, XDG_RUNTIME_DIR,
/// DBUS_SESSION_BUS_ADDRESS, DISPLAY and WAYLAND_DISPLAY; beside them the facts: JACKIN_EVENT, JACKIN_SCOPE,
/// JACKIN_SUMMARY, JACKIN_REMEDY, and where they are known JACKIN_DAYS_LEFT, JACKIN_EXPIRES_ON (YYYY-MM-DD) and
/// JACKIN_FINGERPRINT. After 30 s it is killed. An exit code other than 0 is program_failed. `command` must not be
/// empty; `programs` must outlive this.
std::unique_ptr<Notifier> command_notifier(std::vector<std::string> command, Environment environment,
                                           ProgramRunner& programs);

}  // namespace jackin::notify
