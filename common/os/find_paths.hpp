// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"

namespace jackin {

/// Folders from the command line. Each overrides the environment.
struct PathOptions {
  std::optional<std::filesystem::path> config_dir;
  std::optional<std::filesystem::path> state_dir;
  std::optional<std::filesystem::path> data_dir;
  std::optional<std::filesystem::path> runtime_dir;
  std::optional<std::filesystem::path> home_dir;
};

/// Computes the folders from `environment` and `options`. Reads HOME, else the user database; JACKIN_CONFIG_DIR,
/// JACKIND_STATE_DIR, JACKIND_DATA_DIR, JACKIN_RUNTIME_DIR, JACKIN_HOME_DIR; XDG_STATE_HOME, XDG_DATA_HOME (not on
/// macOS, where launchd never sets them) and XDG_RUNTIME_DIR. A relative XDG variable counts as unset (XDG Base
/// Directory Specification). So does an XDG_RUNTIME_DIR that is not a folder of this user: `su` keeps the previous
/// user's variable. Creates nothing. Blocking: checks the home and the runtime folder. Errors: invalid_argument (a
/// folder is not absolute, no home folder), permission_denied (root with the home folder of another user, where root's
/// files would lock that user out).
Result<Paths> find_paths(const Environment& environment, const PathOptions& options = {});

/// The folder of the running program's own binary, links resolved. Empty when the operating system does not provide it.
std::filesystem::path own_program_dir();

}  // namespace jackin
