// SPDX-License-Identifier: Apache-2.0
#include "client/cli/scope_names.hpp"

#include <algorithm>

#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/json.hpp"

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

SharersJson::SharersJson(const Scopes& group) {
  for (const v1::Scope& scope : group) {
    const std::string name = scope_text(scope);
    const std::size_t begin = names_.size();
    names_ += as_text(Json(name)) + ",";
    pieces_[name] = {begin, names_.size()};
  }
}

std::string SharersJson::without(const std::string& scope) const {
  std::string names = names_;
  if (const auto own = pieces_.find(scope); own != pieces_.end()) {
    names.erase(own->second.begin, own->second.end - own->second.begin);
  }
  if (!names.empty()) names.pop_back();
  return "[" + names + "]";
}

}  // namespace jackin::client
