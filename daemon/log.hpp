#pragma once

#include <filesystem>
#include <string>

#include "common/environment.hpp"
#include "common/result.hpp"

namespace jackin {

/// Sends the log to stderr.
void log_to_stderr();

/// Sends the log to stderr as the journal reads it: with the priority in front, without time (sd-daemon(3)).
void log_to_journal();

/// Whether stderr is connected to the journal, by JOURNAL_STREAM (systemd.exec(5)).
bool stderr_is_the_journal(const Environment& inherited);

/// Sends the log to `folder`/jackind.log: 0600 in a folder 0700, three files of at most 1 MiB. Files that are there
/// already lose wider permissions. Errors: permission_denied (also when jackind.log is a link, no regular file, or
/// another user's), io_failed, disk_full.
Result<> log_to_file(const std::filesystem::path& folder);

/// "trace", "debug", "info", "warn", "error", "off"; anything else counts as "info". Any thread.
void set_log_level(const std::string& level);

}  // namespace jackin
