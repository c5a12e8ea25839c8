// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/secret.hpp"
#include "daemon/config/auth_keys.hpp"

namespace jackin::config {

/// Appends `text` as a TOML string on one line, in double quotes, control characters escaped. It appends because `text`
/// may be a token. invalid_argument when it is not UTF-8, which TOML requires.
Result<> append_toml_string(Secret& out, std::string_view text);

/// `name` as a key: bare where TOML allows it, otherwise quoted. Must be UTF-8.
std::string toml_key(std::string_view name);

/// The value of `oauth_token` for `source`, on one line.
Result<> append_slot_value(Secret& out, const secrets::CredentialSource& source);

/// The value of CLAUDE_CODE_OAUTH_TOKEN in an `[env]`. unsupported when the older pair has no form for the source.
Result<> append_env_value(Secret& out, const EnvEntry& entry);

}  // namespace jackin::config
