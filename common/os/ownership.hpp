// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string_view>

struct stat;

namespace jackin::os {

/// The attributes that decide which users can change a file or a folder. A value.
struct Ownership {
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0;
  /// It has an access control list, which can name further users. Checked only when the group's write bit is set. On
  /// Linux that bit is the list's mask: without it the list permits no user to write (acl(5)).
  bool has_list = false;
  friend bool operator==(const Ownership&, const Ownership&) = default;
};

/// The ownership of the open file `descriptor`; `entry` is its fstat. Blocking.
Ownership ownership_of(const struct stat& entry, int descriptor);
/// The ownership of the file at `path`, links followed; `entry` is its stat. Blocking.
Ownership ownership_of(const struct stat& entry, const std::filesystem::path& path);
/// The ownership of the file at `path`, links followed; nothing when stat fails. Blocking.
std::optional<Ownership> ownership_of(const std::filesystem::path& path);

/// The reason why a user other than this one and root can have written the file, such as "belongs to another user".
/// Empty when no other user can. The user's private group, as Debian creates for each user, counts as the user.
/// Blocking: may query the group database, which can be on another machine.
std::string_view danger_of(const Ownership& ownership);

/// The same for a folder. A sticky folder of this user or of root is safe: there users can replace only their own
/// files.
std::string_view danger_of_folder(const Ownership& ownership);

/// The path that another user could change, and the reason.
struct Danger {
  std::filesystem::path path;
  std::string_view why;     ///< In the words of `danger_of`.
  bool is_foreign = false;  ///< It belongs to another user, so a change of its mode does not help.
};

/// Applies `danger_of_folder` and `danger_behind` to a folder on the disk. Nothing when the folder does not exist.
/// Blocking.
std::optional<Danger> danger_of_folder_at(const std::filesystem::path& folder);

/// Where another user could replace the target of a link. Checks each link of the chain, and the folder to which each
/// leads. Nothing when `path` is not a link. Does not check the folder of `path` itself. Blocking.
std::optional<Danger> danger_behind(std::filesystem::path path);

}  // namespace jackin::os
