// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "common/environment.hpp"
#include "common/result.hpp"

namespace jackin {

/// Sends the log to stderr.
void log_to_stderr();

/// Sends the log to stderr in the journal's format: a priority prefix and no time (sd-daemon(3)).
void log_to_journal();

/// Whether stderr is connected to the journal, by JOURNAL_STREAM (systemd.exec(5)).
bool stderr_is_the_journal(const Environment& inherited);

/// Sends the log to a `os::LogFile` in `folder`. Errors: those of its opening.
Result<> log_to_file(const std::filesystem::path& folder, const std::filesystem::path& home);

/// Checks the log file now. Returns how often it was removed or replaced and then created again. Any thread. Blocking,
/// for a few system calls on a local file.
int times_log_begun_anew();

/// "trace", "debug", "info", "warn", "error", "off"; anything else counts as "info". Any thread.
void set_log_level(const std::string& level);

}  // namespace jackin
