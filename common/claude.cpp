// SPDX-License-Identifier: Apache-2.0
#include "common/claude.hpp"

#include <algorithm>
#include <string>

namespace jackin {
namespace {

constexpr std::string_view blanks = " \t\r\n";

bool is_on(std::string_view value) {
  const auto begin = value.find_first_not_of(blanks);
  if (begin == value.npos) return false;
  std::string word(value.substr(begin, value.find_last_not_of(blanks) - begin + 1));
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c; });
  return word == "1" || word == "true" || word == "yes" || word == "on";
}

}  // namespace

TokenShape shape_of(std::string_view text) {
  if (!text.starts_with(token_prefix_any) || !std::all_of(text.begin(), text.end(), is_token_character)) {
    return TokenShape::not_a_token;
  }
  if (text.size() == token_length && text.starts_with(token_prefix) && text.ends_with(token_suffix)) {
    return TokenShape::whole;
  }
  // A shorter text with the known prefix is a cut token, not another kind.
  if (text.size() < token_length && text.starts_with(token_prefix)) return TokenShape::not_a_token;
  return text.size() >= 40 && text.size() <= 1024 ? TokenShape::unknown : TokenShape::not_a_token;
}

std::string shape_problem(std::string_view text) {
  if (shape_of(text) == TokenShape::whole) return {};
  const std::string length = std::to_string(text.size());
  if (text.empty()) return "it is empty";
  if (text.find_first_of("\"'`") != text.npos) return "it has quotes around it or in it";
  if (text.front() == ' ' || text.back() == ' ') return "it has blanks around it";
  if (text.find_first_of(" \t\r\n") != text.npos) return "it has white space or a line end in it";
  if (text.starts_with(api_key_prefix)) return "it is an API key, not the OAuth token that `claude setup-token` gives";
  if (text.starts_with(refresh_token_prefix))
    return "it is a refresh token, not the OAuth token that `claude setup-token` gives";
  if (!text.starts_with(token_prefix_any)) return "expected " + std::string(token_prefix_any) + "…";
  if (!std::all_of(text.begin(), text.end(), is_token_character))
    return "it has characters that are not valid in a token";
  if (text.size() < token_length) {
    return "it has " + length + " of " + std::to_string(token_length) +
           " characters: it is incomplete, perhaps copied from a terminal that wraps lines";
  }
  return "it has " + length + " characters and an unknown ending; only the API can validate it";
}

bool is_stronger_variable(std::string_view name) {
  return std::any_of(stronger_variables.begin(), stronger_variables.end(),
                     [&](const auto& variable) { return variable.name == name; });
}

bool beats_the_token(const StrongerVariable& variable, std::string_view value) {
  return variable.is_switch ? is_on(value) : !value.empty();
}

}  // namespace jackin
