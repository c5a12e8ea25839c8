// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/environment.hpp"

namespace jackin::client {

/// Where a claude that starts here finds its settings (https://code.claude.com/docs/en/settings).
struct SettingsPlaces {
  std::filesystem::path managed;  ///< The folder of the administrator's settings.
  std::filesystem::path project;  ///< The current folder; claude ignores its parents (seen with 2.1.332).
  std::filesystem::path user;     ///< $CLAUDE_CONFIG_DIR, else ~/.claude
  std::string argument;           ///< The value of `--settings`: a file, or the settings themselves; may be empty.
};

/// Returns the places for `command`; nothing when it is not claude itself.
std::optional<SettingsPlaces> settings_places(const Environment& environment, const std::vector<std::string>& command);

/// Credentials that claude prefers to the given token.
struct StrongerLogins {
  std::vector<std::string> variables;  ///< Names of environment variables.
  std::vector<std::string> settings;   ///< "apiKeyHelper in FILE", ready for a message.
};

/// Reads `environment`, and the settings when `places` are given. Variables that settings set in `env` override the
/// environment. A file that is missing, unreadable, larger than 1 MiB or not JSON counts as empty, as it does for
/// claude. Blocking. Keeps no values.
StrongerLogins stronger_logins(const Environment& environment, const std::optional<SettingsPlaces>& places);

}  // namespace jackin::client
