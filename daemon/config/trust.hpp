// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/error.hpp"
#include "common/os/ownership.hpp"
#include "common/paths.hpp"

namespace jackin::config {

/// Why another user could have written what a configuration file said when it was read, and where: the file itself (as
/// it was read: `as_read`), the configuration folder, the file's folder, or what a link leads through. What runs a
/// program, or names a server that is sent a token, is not taken from such a file. Blocking: may ask the group
/// database.
std::optional<os::Danger> danger_to(const std::filesystem::path& file, const os::Ownership& as_read,
                                    const Paths& paths);

/// `what` ("the command in workspaces/my-app.toml is not run"), why, and what mends it: source_denied.
Error refused(const std::string& what, const os::Danger& danger);

}  // namespace jackin::config
