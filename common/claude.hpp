// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace jackin {

// The facts about Claude Code that the daemon and the clients use: the form of its tokens, its variables, files and
// pages. Its screen and its sentences are in daemon/mint.

/// Every credential of Anthropic begins so. A text that contains it is never repeated.
inline constexpr std::string_view credential_prefix = "sk-ant-";
inline constexpr std::string_view api_key_prefix = "sk-ant-api";
inline constexpr std::string_view refresh_token_prefix = "sk-ant-ort";

/// The form of the tokens of claude 2.1.x's `setup-token`: `sk-ant-oat01-`, 93 characters of [A-Za-z0-9_-], `AA`; 108
/// in all (seen with 2.1.197). Later forms are recognized by the prefix without its number.
inline constexpr std::string_view token_prefix = "sk-ant-oat01-";
inline constexpr std::string_view token_prefix_any = "sk-ant-oat";
inline constexpr std::string_view token_suffix = "AA";
inline constexpr std::size_t token_length = 108;

/// Whether a token can contain `c`.
constexpr bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

enum class TokenShape {
  whole,        ///< The known form.
  unknown,      ///< Begins like a token, but has another length or number: only the API can decide.
  not_a_token,  ///< Anything else.
};

/// The form of `text`. Keeps no copy of `text`.
TokenShape shape_of(std::string_view text);

/// The problem with `text` as a token, in a few words that quote no part of it; empty when it is whole. Recognizes
/// common mistakes: cut at the terminal's edge (79 of 108), an API key, quotes, white space or a line end inside.
std::string shape_problem(std::string_view text);

/// Follows the number in the output of `claude --version`: "2.1.197 (Claude Code)".
inline constexpr std::string_view product_mark = "(Claude Code)";

/// The page where the user can end a Claude Code token.
inline constexpr const char* token_page = "https://claude.ai/settings/claude-code";

/// The variable with the token, and the variable with the number of a descriptor to read it from.
inline constexpr std::string_view token_variable = "CLAUDE_CODE_OAUTH_TOKEN";
inline constexpr std::string_view token_descriptor_variable = "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR";

/// The variable with the folder of claude's settings and login, and the folder's default name in the home folder.
inline constexpr std::string_view config_dir_variable = "CLAUDE_CONFIG_DIR";
inline constexpr std::string_view config_dir_name = ".claude";

/// All credentials of claude, its SDKs and its cloud back ends, as patterns of `Environment::only`.
inline constexpr std::array<std::string_view, 8> credential_variables{
    "CLAUDE_CODE_OAUTH_TOKEN*",    "CLAUDE_CODE_OAUTH_REFRESH_TOKEN",
    "CLAUDE_CODE_API_KEY*",        "ANTHROPIC_API_KEY*",
    "ANTHROPIC_AUTH_TOKEN",        "CLAUDE_CODE_SESSION_ACCESS_TOKEN",
    "CLAUDE_CODE_WEBSOCKET_AUTH*", "ANTHROPIC_CUSTOM_HEADERS"};

/// The variable that moves the API's address for claude and its SDKs.
inline constexpr std::string_view base_url_variable = "ANTHROPIC_BASE_URL";

/// A variable that claude prefers to the token. Each was tested with 2.1.197 and 2.1.332 by `claude -p`
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

/// The files that a launch provides for claude in a container.
inline constexpr std::string_view account_file = "account.json";
inline constexpr std::string_view credentials_file = "credentials.json";

}  // namespace jackin
