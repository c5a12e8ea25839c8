// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jackin {

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

}  // namespace jackin
