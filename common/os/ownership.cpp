// SPDX-License-Identifier: Apache-2.0
#include "common/os/ownership.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <system_error>

#include "common/os/file_attributes.hpp"

namespace jackin::os {
namespace {

// Whether every member of the group may write anyway: the group of root, of macOS's administrators (who own the files
// that Homebrew installs), or the user's private group.
bool is_harmless_group(gid_t group) {
  if (group == 0) return true;
#ifdef __APPLE__
  constexpr gid_t admin = 80;
  if (group == admin) return true;
#endif
  std::array<char, 4096> user_text{};
  std::array<char, 4096> group_text{};
  passwd user_entry{};
  passwd* user = nullptr;
  ::group group_entry{};
  ::group* found = nullptr;
  if (getpwuid_r(geteuid(), &user_entry, user_text.data(), user_text.size(), &user) != 0 || user == nullptr ||
      getgrgid_r(group, &group_entry, group_text.data(), group_text.size(), &found) != 0 || found == nullptr) {
    return false;
  }
  if (user->pw_gid != group || std::strcmp(user->pw_name, found->gr_name) != 0) return false;
  for (char** member = found->gr_mem; *member != nullptr; ++member) {
    if (std::strcmp(*member, user->pw_name) != 0) return false;
  }
  return true;
}

bool is_ours_or_roots(const Ownership& ownership) {
  return ownership.owner == 0 || ownership.owner == geteuid();
}

Ownership without_list(const struct stat& entry) {
  return {entry.st_uid, entry.st_gid, static_cast<mode_t>(entry.st_mode & 07777), false};
}

bool can_have_effective_list(const struct stat& entry) {
  return (entry.st_mode & S_IWGRP) != 0;
}

}  // namespace

Ownership ownership_of(const struct stat& entry, int descriptor) {
  Ownership ownership = without_list(entry);
  ownership.has_list = can_have_effective_list(entry) && has_access_list(descriptor);
  return ownership;
}

Ownership ownership_of(const struct stat& entry, const std::filesystem::path& path) {
  Ownership ownership = without_list(entry);
  ownership.has_list = can_have_effective_list(entry) && has_access_list(path.c_str());
  return ownership;
}

std::optional<Ownership> ownership_of(const std::filesystem::path& path) {
  struct stat entry {};
  if (stat(path.c_str(), &entry) != 0) return std::nullopt;
  return ownership_of(entry, path);
}

std::string_view danger_of(const Ownership& ownership) {
  if (!is_ours_or_roots(ownership)) return "belongs to another user";
  if ((ownership.mode & S_IWOTH) != 0) return "can be written by others";
  if ((ownership.mode & S_IWGRP) == 0) return {};
  if (ownership.has_list) return "can be written by users of its access control list";
  if (!is_harmless_group(ownership.group)) return "can be written by its group";
  return {};
}

std::string_view danger_of_folder(const Ownership& ownership) {
  const bool is_sticky = (ownership.mode & S_ISVTX) != 0;
  if (is_sticky && is_ours_or_roots(ownership)) return {};
  return danger_of(ownership);
}

std::optional<Danger> danger_of_folder_at(const std::filesystem::path& folder) {
  const auto ownership = ownership_of(folder);
  if (!ownership) return std::nullopt;
  if (const auto why = danger_of_folder(*ownership); !why.empty()) {
    return Danger{folder, why, !is_ours_or_roots(*ownership)};
  }
  return danger_behind(folder);
}

std::optional<Danger> danger_behind(std::filesystem::path path) {
  constexpr int most_links = 40;  // the kernel's limit, path_resolution(7)
  for (int links = 0; links < most_links; ++links) {
    struct stat entry {};
    std::error_code error;
    if (lstat(path.c_str(), &entry) != 0 || !S_ISLNK(entry.st_mode)) return std::nullopt;
    if (entry.st_uid != 0 && entry.st_uid != geteuid()) return Danger{path, "belongs to another user", true};
    const auto target = std::filesystem::read_symlink(path, error);
    if (error) return std::nullopt;
    path = path.parent_path() / target;
    const auto folder = ownership_of(path.parent_path());
    if (!folder) return std::nullopt;
    if (const auto why = danger_of_folder(*folder); !why.empty()) {
      return Danger{path.parent_path(), why, !is_ours_or_roots(*folder)};
    }
  }
  return std::nullopt;
}

}  // namespace jackin::os
