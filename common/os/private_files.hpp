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

/// Makes `path` and what is missing above it, each 0700. An existing last folder must be a real folder (no link) of
/// this user's that nobody else can write; permission_denied with a remedy otherwise. A path below `home` needs that
/// folder to be there: io_failed otherwise. Blocking.
Result<> make_private_folder(const std::filesystem::path& path, const std::filesystem::path& home = {});

/// What `read_private_file` would fail with by what the file system says of the file, which is not opened; also
/// source_invalid when it is empty. Blocking.
Result<> check_private_file(const std::filesystem::path& path, std::size_t limit);

/// Makes an empty file, 0600, where there is none, and sees that what is there is a regular file of this user's that
/// nobody else can read or write: wider permissions are taken away. Opened without following a link or blocking.
/// Errors: permission_denied (a link, a FIFO, another user's), io_failed, disk_full; each with a remedy. Blocking.
Result<> make_private_file(const std::filesystem::path& path);
/// The same, and leaves it open for reading and writing, with `more_flags` of open(2).
Result<Descriptor> open_private_file(const std::filesystem::path& path, int more_flags = 0);

/// Reads all of a file that only its owner can have written and read: opened without following a link or blocking, a
/// regular file, owned by this user, no group or other bits, at most `limit` bytes. Errors: source_gone (no such file,
/// no such folder: `is_there`), source_denied (each with the remedy, e.g. `chmod 600 …`), source_invalid (too large),
/// source_unreachable (any other). Blocking.
Result<Secret> read_private_file(const std::filesystem::path& path, std::size_t limit);

/// Writes a new file, 0600: aside (`.<name>.<random>~`), fsync, then linked into place without replacing anything (or
/// renamed over the old one when `replace`), fsync of the folder. A link in the last place is never followed. Nothing
/// is left behind on failure. Errors: disk_full, permission_denied, io_failed; io_failed "already exists". Blocking.
Result<> write_private_file(const std::filesystem::path& path, std::string_view bytes, bool replace);

/// Removes what `write_private_file` left aside of `path` when its process was killed; no file of another name. For
/// when nobody is writing it. Errors: permission_denied, io_failed. Blocking.
Result<> remove_abandoned_writes(const std::filesystem::path& path);

/// Removes from `folder` what `write_private_file` left aside there, of whatever file, once it has not been written for
/// `age`: its process was killed, and may not have been this one. How many there were. No other file is touched.
/// Errors: permission_denied, io_failed. Blocking.
Result<int> remove_abandoned_writes_in(const std::filesystem::path& folder, std::chrono::seconds age);

/// Puts a file that was written aside, in the same folder, to its place without replacing anything: fsync, rename,
/// fsync of the folder. Errors: disk_full, permission_denied, io_failed. Blocking.
Result<> put_in_place(const std::filesystem::path& aside, const std::filesystem::path& path);

/// Removes a file; true when there was one, false when there certainly is none (`is_there`). fsync of the folder.
/// Errors: permission_denied, io_failed. Blocking.
Result<bool> remove_file(const std::filesystem::path& path);

}  // namespace jackin::os
