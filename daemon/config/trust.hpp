// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/error.hpp"
#include "common/os/ownership.hpp"
#include "common/paths.hpp"

namespace jackin::config {

/// Why another user could have written a configuration file as it was read (`as_read`). It checks the file itself, the
/// configuration folder, the file's folder, and the folders of a link's target. The daemon does not accept a command,
/// or a server that receives a token, from such a file. Blocking: may query the group database.
std::optional<os::Danger> danger_to(const std::filesystem::path& file, const os::Ownership& as_read,
                                    const Paths& paths);

/// The source_denied error with `what` ("the command in workspaces/my-app.toml is not run"), the reason and the remedy.
Error refused(const std::string& what, const os::Danger& danger);

}  // namespace jackin::config
