// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string_view>

#include "common/paths.hpp"
#include "common/result.hpp"

namespace jackin::config {

/// Puts `text` in the place of `file`, or makes it: written aside in the same folder under a name that no reader of
/// jackin's folder takes for a configuration (`.<name>.<pid>-<n>.jackind`), fsync, then, when `may_replace` says so at
/// the last moment, renamed, and the folder fsynced. `file` must be no link. The new file has `mode` and, when they can
/// be given, the old one's group and extended attributes; its access control list too, unless `mode` is private or
/// another than the old one's. Another hard link to the old file keeps the old text.
///
/// The caller holds the lock, so what an earlier writer of the same file left aside when it was ended is removed first.
///
/// Returns false, with nothing changed, when `may_replace` said no. On an error nothing is left behind and `file` is as
/// it was. Errors: disk_full; permission_denied, with a remedy, also for a file that is read-only to its owner though
/// its folder is not; io_failed. Blocking.
Result<bool> replace_file(const std::filesystem::path& file, std::string_view text, mode_t mode,
                          const std::function<bool()>& may_replace);

/// Whether `file` could be replaced, or made, as far as that can be seen without doing it. Errors: as `replace_file`.
Result<> expect_replaceable(const std::filesystem::path& file);

/// Removes what writers that were killed left aside for jackin's files (config.toml, every workspace file, and what
/// these link to): it may hold a token. Takes jackin's lock, so that nobody is in the middle of writing. The number of
/// files removed. Errors: config_locked, io_failed. Blocking; for the daemon's start.
Result<int> remove_abandoned_writes(const Paths& paths);

}  // namespace jackin::config
