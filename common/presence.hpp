// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace jackin {

/// Whether there is something at `path` (absolute, links followed). False only when that is certain: the nearest folder
/// above it that is there was listed without the next name, or is no folder. Whatever cannot be looked at now is an
/// error that names the obstacle: a link whose target is away, a loop of links, a folder that may not be searched.
/// Errors: permission_denied, io_failed, with a remedy. Blocking, but a few system calls.
Result<bool> is_there(const std::filesystem::path& path);

/// The workspaces that have a file in a folder.
struct WorkspaceFiles {
  std::vector<std::string> names;    ///< In order.
  std::vector<std::string> refused;  ///< Of files that jackin may read, but whose name no scope can have (Scope).
};

/// Each `<name>.toml` in `folder` that is no folder, also one that cannot be read now. None where there is no such
/// folder. Errors: as `is_there`, also when the folder cannot be listed. Blocking.
Result<WorkspaceFiles> workspace_files(const std::filesystem::path& folder);

}  // namespace jackin
