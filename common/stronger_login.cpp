// SPDX-License-Identifier: Apache-2.0
#include "common/stronger_login.hpp"

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

bool is_stronger_variable(std::string_view name) {
  return std::any_of(stronger_variables.begin(), stronger_variables.end(),
                     [&](const auto& variable) { return variable.name == name; });
}

bool beats_the_token(const StrongerVariable& variable, std::string_view value) {
  return variable.is_switch ? is_on(value) : !value.empty();
}

}  // namespace jackin
