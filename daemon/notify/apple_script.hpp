// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "common/environment.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::notify {

/// Notifies through the Notification Center with macOS's `osascript`. A program without a bundle cannot use
/// UNUserNotificationCenter (it ends the process: no bundle proxy). The notification therefore appears as Script
/// Editor's, has no urgency and does not replace an earlier one. macOS shows it only when the user allows Script
/// Editor's notifications, and the daemon cannot learn whether it did. The texts are arguments of a fixed script, never
/// part of it. The daemon kills the program after 10 s. `osascript` is absolute; the program gets HOME, PATH and LANG
/// of `environment`. Errors: program_missing, program_failed, timed_out, cancelled. `programs` must outlive this.
std::unique_ptr<Notifier> apple_script_notifier(std::filesystem::path osascript, Environment environment,
                                                ProgramRunner& programs);

}  // namespace jackin::notify
