// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace jackin {

/// The form in which a token is written into jackin's files.
enum class SlotStyle {
  canonical,  ///< The slot, `[claude] oauth_token`.
  bridge,     ///< The older pair, which released jackin versions read.
  external,   ///< The older pair with the name of a variable, whose source is in jackind-slots.toml.
};

/// The names of the variables of external slots begin with it. They are never CLAUDE_CODE_OAUTH_TOKEN: a role, or
/// another workspace, would then get the token that was set for this one.
inline constexpr std::string_view external_prefix = "JACKIND_TOKEN_";

constexpr bool is_external_variable(std::string_view name) {
  return name.starts_with(external_prefix);
}

}  // namespace jackin
