// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "common/paths.hpp"
#include "common/result.hpp"

namespace jackin::config {

/// Replaces or creates `file` with `text`. It writes a temporary file in the same folder, calls fsync, renames the
/// file, and syncs the folder. If it may not read the folder, it syncs the file again instead. The temporary name
/// `.<name>.<pid>-<n>.jackind` is no configuration for any reader of jackin's folder. It renames only when
/// `may_replace`, called last, returns true. `file` must not be a link. The new file has `mode` and, where possible,
/// the old one's group and extended attributes. It also gets the old access control list, unless `mode` is private or
/// differs from the old one's. Another hard link to the old file keeps the old text.
///
/// If the folder can be listed, it first removes the temporary files that a killed writer of the same file left. The
/// caller holds the lock, so no other process is writing the file.
///
/// Returns false, with nothing changed, when `may_replace` returned false. On an error it leaves no temporary file, and
/// `file` is unchanged. Errors: disk_full; permission_denied, with a remedy, also for a file that is read-only to its
/// owner in a writable folder; io_failed. Blocking.
Result<bool> replace_file(const std::filesystem::path& file, std::string_view text, mode_t mode,
                          const std::function<bool()>& may_replace);

/// The file that an edit of `file` replaces: for a link, its target. `name` is the file's name in errors. Errors:
/// io_failed for a link without a target. Blocking.
Result<std::filesystem::path> file_to_replace(const std::filesystem::path& file, const std::string& name);

/// Whether `file` could be replaced or created, as far as can be checked without doing it. Errors: as `replace_file`.
Result<> expect_replaceable(const std::filesystem::path& file);

/// Removes the temporary files of killed writers for configuration files (config.toml, every workspace file,
/// jackind-slots.toml, and the targets of links): they may hold a token. Takes jackin's lock, so that no writer is
/// active. Returns the number of removed files. Errors: config_locked, io_failed. Blocking; for the daemon's start.
Result<int> remove_abandoned_writes(const Paths& paths);

}  // namespace jackin::config
