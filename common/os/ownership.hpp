// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string_view>

struct stat;

namespace jackin::os {

/// What decides which users can change a file or a folder. A value.
struct Ownership {
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0;
  /// It has an access control list, which can name further users. Looked at only where the group's bit for writing is
  /// set: on Linux that bit is the list's mask, so without it the list lets nobody write (acl(5)).
  bool has_list = false;
  friend bool operator==(const Ownership&, const Ownership&) = default;
};

/// Of what is open as `descriptor`; `entry` is what fstat said of it. Blocking.
Ownership ownership_of(const struct stat& entry, int descriptor);
/// Of what is at `path`, links followed; `entry` is what stat said of it. Blocking.
Ownership ownership_of(const struct stat& entry, const std::filesystem::path& path);
/// Of what is at `path`, links followed; nothing when the system does not tell. Blocking.
std::optional<Ownership> ownership_of(const std::filesystem::path& path);

/// Why a user other than this one and root can have written it, as "belongs to another user"; empty when none can. The
/// user's private group, as Debian makes one for each user, counts as the user. Blocking: may ask the group database,
/// which can be on another machine.
std::string_view danger_of(const Ownership& ownership);

/// The same for a folder. A sticky folder of this user's or of root's is no danger: there users can replace their own
/// files only.
std::string_view danger_of_folder(const Ownership& ownership);

/// Where another user could change what is found, and why.
struct Danger {
  std::filesystem::path path;
  std::string_view why;     ///< As `danger_of` says it.
  bool is_foreign = false;  ///< It belongs to another user: no change of its mode helps.
};

/// `danger_of_folder` for a folder on the disk, and `danger_behind` it; nothing where there is no folder. Blocking.
std::optional<Danger> danger_of_folder_at(const std::filesystem::path& folder);

/// Where another user could put something else behind a link: each link of the chain, and the folder to which each
/// leads. Nothing for what is no link. The folder of `path` itself is not looked at. Blocking.
std::optional<Danger> danger_behind(std::filesystem::path path);

}  // namespace jackin::os
