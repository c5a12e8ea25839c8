// SPDX-License-Identifier: Apache-2.0
#include "client/cli/scope_names.hpp"

#include <algorithm>

namespace jackin::client {
namespace {

constexpr std::size_t most_others_named = 10;

}  // namespace

std::string few_names(const std::vector<std::string>& some, std::size_t count) {
  std::string text;
  for (const std::string& name : some) text += (text.empty() ? "" : ", ") + name;
  if (count > some.size()) text += " and " + std::to_string(count - some.size()) + " more";
  return text;
}

std::string names_of(const ManagedToken& token) {
  if (token.others.empty()) return token.scope.str();
  std::vector<std::string> some;
  for (std::size_t i = 0; i < std::min(token.others.size(), most_others_named); ++i) {
    some.push_back(token.others[i].str());
  }
  return token.scope.str() + " (also " + few_names(some, token.others.size()) + ")";
}

}  // namespace jackin::client
