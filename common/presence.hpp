// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace jackin {

/// Whether `path` exists (absolute, links followed). Returns false only when that is certain: the nearest existing
/// folder above it was listed without the next name, or is not a folder. When the check is not possible now, the error
/// names the obstacle: a link with a missing target, a loop of links, a folder without search permission. Errors:
/// permission_denied, io_failed, with a remedy. Blocking, for a few system calls.
Result<bool> is_there(const std::filesystem::path& path);

/// The workspaces that have a file in a folder.
struct WorkspaceFiles {
  std::vector<std::string> names;    ///< In order.
  std::vector<std::string> refused;  ///< Of files that jackin may read, but the name is not valid for a Scope.
};

/// Lists each `<name>.toml` in `folder`, including what cannot be read now. A folder of that name counts too: docker
/// creates one where the source of a bind mount is missing. The result is empty when `folder` does not exist. Errors:
/// as `is_there`, also when the folder cannot be listed. Blocking.
Result<WorkspaceFiles> workspace_files(const std::filesystem::path& folder);

}  // namespace jackin
