// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jackin {

/// What claude 2.1.x's `setup-token` gives: `sk-ant-oat01-`, 93 characters of [A-Za-z0-9_-], `AA`; 108 in all (seen
/// with 2.1.197). The prefix without its number is what later shapes are known by.
inline constexpr std::string_view token_prefix = "sk-ant-oat01-";
inline constexpr std::string_view token_prefix_any = "sk-ant-oat";
inline constexpr std::string_view token_suffix = "AA";
inline constexpr std::size_t token_length = 108;

/// Whether `c` can stand in a token.
constexpr bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

enum class TokenShape {
  whole,        ///< The known shape.
  unknown,      ///< Begins as a token does, but has another length or number: only the API can tell.
  not_a_token,  ///< Anything else.
};

/// The shape of `text`, which is not kept.
TokenShape shape_of(std::string_view text);

/// What is wrong with `text` as a token, in a few words that quote nothing of it; empty when it is whole. Knows the
/// common mistakes: cut at the terminal's edge (79 of 108), an API key, quotes, white space or a line end inside.
std::string shape_problem(std::string_view text);

}  // namespace jackin
