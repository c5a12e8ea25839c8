// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/environment.hpp"

namespace jackin::client {

/// Where a claude that is started here finds its settings (https://code.claude.com/docs/en/settings).
struct SettingsPlaces {
  std::filesystem::path managed;  ///< The folder of the administrator's.
  std::filesystem::path project;  ///< The current folder; those above it do not count (seen with 2.1.332).
  std::filesystem::path user;     ///< $CLAUDE_CONFIG_DIR, else ~/.claude
  std::string argument;           ///< What `--settings` says: a file, or the settings themselves; may be empty.
};

/// The places for `command`; nothing when it is not claude itself.
std::optional<SettingsPlaces> settings_places(const Environment& environment, const std::vector<std::string>& command);

/// What claude prefers to the token that it is given.
struct StrongerLogins {
  std::vector<std::string> variables;  ///< Names of variables of the environment.
  std::vector<std::string> settings;   ///< "apiKeyHelper in FILE", ready for a message.
};

/// Looks at `environment`, and at the settings when `places` are given; what they set in `env` comes before the
/// environment. A file that is not there, cannot be read, is larger than 1 MiB or is no JSON counts as empty, as it
/// does for claude. Blocking; nothing of a value is kept.
StrongerLogins stronger_logins(const Environment& environment, const std::optional<SettingsPlaces>& places);

}  // namespace jackin::client
