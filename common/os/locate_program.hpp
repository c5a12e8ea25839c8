// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace jackin {

/// A program as it was found. A value.
struct FoundProgram {
  std::filesystem::path path;
  std::string state;       ///< Of the file, links followed: another when it was replaced or changed. Opaque.
  bool is_set_id = false;  ///< It runs as another user or group.
};

/// Where `name` is on `search_path` (PATH's syntax): the first executable regular file in an absolute folder that
/// no other user but root can write; relative and foreign-writable entries are skipped, sticky or not, and so is a link
/// that leads to a file, or through a folder, that another user can write. `name` with a slash is taken as it is when
/// absolute. program_missing names what was skipped and why. `looks_at` is called before each folder is touched.
/// Blocking: a folder can be on a mount whose server is away.
Result<FoundProgram> locate_program(
    std::string_view name, std::string_view search_path,
    const std::function<void(const std::filesystem::path&)>& looks_at = [](const std::filesystem::path&) {});

}  // namespace jackin
