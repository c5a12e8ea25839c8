// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace jackin {

/// A variable that claude prefers to CLAUDE_CODE_OAUTH_TOKEN. Each was tested with 2.1.197 and 2.1.332 by `claude -p`
/// against a fake API that recorded the received credential.
struct StrongerVariable {
  std::string_view name;
  bool is_switch;  ///< Counts only when switched on: 1, true, yes or on, in any case, with or without blanks around it.
};
inline constexpr std::array<StrongerVariable, 7> stronger_variables{{{"ANTHROPIC_API_KEY", false},
                                                                     {"ANTHROPIC_AUTH_TOKEN", false},
                                                                     {"CLAUDE_CODE_USE_BEDROCK", true},
                                                                     {"CLAUDE_CODE_USE_VERTEX", true},
                                                                     {"CLAUDE_CODE_USE_FOUNDRY", true},
                                                                     {"CLAUDE_CODE_USE_ANTHROPIC_AWS", true},
                                                                     {"CLAUDE_CODE_USE_MANTLE", true}}};

/// Whether `name` is such a variable, whatever its value.
bool is_stronger_variable(std::string_view name);

/// Whether claude ignores the token when the variable has this value.
bool beats_the_token(const StrongerVariable& variable, std::string_view value);

}  // namespace jackin
