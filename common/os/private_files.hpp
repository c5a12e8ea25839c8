// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "common/os/descriptor.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace jackin::os {

/// Creates `path` and missing parents, each with mode 0700. An existing last folder must be a real folder (no link) of
/// this user that no other user can write; otherwise permission_denied with a remedy. A path below `home` requires that
/// `home` exists; otherwise io_failed. Blocking.
Result<> make_private_folder(const std::filesystem::path& path, const std::filesystem::path& home = {});

/// Returns the error that `read_private_file` would return according to the file's stat, without opening the file. Also
/// returns source_invalid when the file is empty. Blocking.
Result<> check_private_file(const std::filesystem::path& path, std::size_t limit);

/// Creates an empty file, 0600, when there is none. Requires a regular file of this user, and removes permissions of
/// other users to read or write it. Opens it without following a link or blocking. Errors: permission_denied (a link, a
/// FIFO, another user's), io_failed, disk_full; each with a remedy. Blocking.
Result<> make_private_file(const std::filesystem::path& path);
/// The same, but returns the file open for reading and writing, with `more_flags` of open(2).
Result<Descriptor> open_private_file(const std::filesystem::path& path, int more_flags = 0);

/// Reads all of a file that only its owner can have written and read. Opens it without following a link or blocking.
/// Requires a regular file, owned by this user, no group or other bits, at most `limit` bytes. Errors: source_gone (no
/// such file, no such folder: `is_there`), source_denied (each with the remedy, e.g. `chmod 600 …`), source_invalid
/// (too large), source_unreachable (any other). Blocking.
Result<Secret> read_private_file(const std::filesystem::path& path, std::size_t limit);

/// Writes a new file, 0600. Writes a temporary file (`.<name>.<random>~`), calls fsync, and links it to `path` without
/// replacing anything, or renames it over the old file when `replace`. Then calls fsync on the folder; on the file
/// again if it may not read the folder. Never follows a link in the last component. Leaves no file behind on failure.
/// Errors: disk_full, permission_denied, io_failed; io_failed "already exists". Blocking.
Result<> write_private_file(const std::filesystem::path& path, std::string_view bytes, bool replace);

/// Whether `write_private_file` could create or replace `path`, as far as can be checked without writing: its folder
/// exists and may be written. Errors: io_failed, permission_denied; with a remedy. Blocking.
Result<> expect_writable(const std::filesystem::path& path);

/// Removes the temporary files that `write_private_file` left for `path` when its process was killed; no file of
/// another name. Call it only while no process writes the file. Errors: permission_denied, io_failed. Blocking.
Result<> remove_abandoned_writes(const std::filesystem::path& path);

/// Removes from `folder` the temporary files that `write_private_file` left, for any file name, if they are unchanged
/// for `age`. Such files come from a killed process, which may not have been this one. Returns their number. Touches no
/// other file. Errors: permission_denied, io_failed. Blocking.
Result<int> remove_abandoned_writes_in(const std::filesystem::path& folder, std::chrono::seconds age);

/// Moves a temporary file to its final path in the same folder, without replacing anything: fsync, rename, fsync of the
/// folder. Errors: disk_full, permission_denied, io_failed. Blocking.
Result<> put_in_place(const std::filesystem::path& aside, const std::filesystem::path& path);

/// Removes a file and calls fsync on the folder; on the removed file if it may not read the folder. If it may read
/// neither, or the removed file was no regular file, it calls no fsync: after a power failure the file may be there
/// again. Returns true when the file existed, false when it certainly did not exist (`is_there`). Errors:
/// permission_denied, io_failed. Blocking.
Result<bool> remove_file(const std::filesystem::path& path);

}  // namespace jackin::os
