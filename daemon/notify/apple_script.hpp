// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "common/environment.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::notify {

/// Tells through the Notification Center by `osascript`, macOS's own. A program without a bundle cannot use
/// UNUserNotificationCenter (it ends the process: no bundle proxy), so the notice appears in Script Editor's name,
/// knows no urgency, does not replace an earlier one, and nobody learns whether it was shown: macOS shows it only when
/// the user allows Script Editor to. The texts are arguments of a fixed script, never part of it. Killed after 10 s.
/// `osascript` is absolute; of `environment` the program gets HOME, PATH and LANG. Errors: program_missing,
/// program_failed, timed_out, cancelled. `programs` must outlive this.
std::unique_ptr<Notifier> apple_script_notifier(std::filesystem::path osascript, Environment environment,
                                                ProgramRunner& programs);

}  // namespace jackin::notify
