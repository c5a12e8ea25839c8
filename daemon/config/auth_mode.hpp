// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace jackin::config {

/// How jackin gives a container its Claude login: the values of `auth_forward` (jackin's AuthForwardMode).
enum class AuthMode {
  sync,         ///< The host's login is copied into the container. The default.
  api_key,      ///< ANTHROPIC_API_KEY.
  oauth_token,  ///< CLAUDE_CODE_OAUTH_TOKEN: the token that jackind manages.
  ignore,       ///< No login.
};

/// "sync", "api_key", "oauth_token", "ignore".
std::string_view to_string(AuthMode mode);
/// The mode with exactly that spelling; nothing for any other.
std::optional<AuthMode> auth_mode_from(std::string_view text);

}  // namespace jackin::config
