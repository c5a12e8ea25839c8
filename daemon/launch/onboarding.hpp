// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/auth_mode.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/launch/launch.hpp"

namespace jackin::launch {

/// The user's own login of claude on this machine, as mode sync passes it on.
struct HostLogin {
  std::optional<Secret> credentials;  ///< `.credentials.json`; nothing when there is none.
  std::optional<Secret> account;      ///< `.claude.json`
};

/// Where mode sync searches for the login.
struct HostLoginPlace {
  std::filesystem::path credentials;
  std::filesystem::path account;
};

/// The files of the host's claude: `~/.claude/.credentials.json` and `~/.claude.json`, or both in `sync_source_dir`
/// (`~/` expanded) when that is set, which then never falls back to the home folder.
HostLoginPlace host_login_place(const std::filesystem::path& home, const std::optional<std::string>& sync_source_dir);

/// Reads the login. A missing file, or one that is not a regular file, yields nothing. Links are followed, since
/// claude's own files are often links into a folder of dotfiles. Errors: permission_denied, io_failed; source_invalid
/// (larger than 16 MiB). Blocking.
Result<HostLogin> read_host_login(const HostLoginPlace& place);

/// The required content of the folder that is mounted as claude's configuration folder, as jackin does it. Pure.
///
/// | mode | account.json | credentials.json |
/// | oauth_token | `{"hasCompletedOnboarding":true}`: with the variable set, an interactive claude would show its login
///   wizard without (seen with 2.1.197) | absent |
/// | ignore, api_key | `{}` | absent |
/// | sync, the host has a login | the host's, else `{}` | the host's |
/// | sync, the host has none | `{}` if missing, else kept | kept |
std::vector<OnboardingFile> onboarding_for(AuthMode mode, HostLogin login);

}  // namespace jackin::launch
