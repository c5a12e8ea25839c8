// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin {

/// How jackin gives a container its Claude login: the values of `auth_forward` (jackin's AuthForwardMode).
enum class AuthMode {
  sync,         ///< The host's login is copied into the container. The default.
  api_key,      ///< ANTHROPIC_API_KEY.
  oauth_token,  ///< CLAUDE_CODE_OAUTH_TOKEN: the token that jackind manages.
  ignore,       ///< No login.
};

}  // namespace jackin
