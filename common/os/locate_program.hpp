// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace jackin {

/// The location and state of a program. A value.
struct FoundProgram {
  std::filesystem::path path;
  std::string state;  ///< The file's state, links followed. It differs after the file was replaced or changed. Opaque.
  bool is_set_id = false;  ///< It runs as another user or group.
};

/// The entries of a search path (PATH's syntax), in order. An empty entry means the current folder.
std::vector<std::string_view> search_path_entries(std::string_view search_path);

/// Finds `name` on `search_path` (PATH's syntax): the first executable regular file in an absolute folder that no other
/// user except root can write. Skips relative entries and entries that another user can write, sticky or not. Also
/// skips a link that leads to a file, or through a folder, that another user can write. A `name` with a slash is used
/// as it is when absolute. program_missing names the skipped entries and the reasons. Calls `looks_at` before it
/// accesses each folder. Blocking: a folder can be on a network mount whose server does not answer.
Result<FoundProgram> locate_program(
    std::string_view name, std::string_view search_path,
    const std::function<void(const std::filesystem::path&)>& looks_at = [](const std::filesystem::path&) {});

}  // namespace jackin
