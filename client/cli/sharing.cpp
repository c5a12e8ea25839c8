// SPDX-License-Identifier: Apache-2.0
#include "client/cli/sharing.hpp"

#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/json.hpp"

namespace jackin::client {

const Scopes& group_of(const v1::ProbeReply& probe, const v1::OverviewReply& overview) {
  static const Scopes none;
  const auto number = static_cast<std::size_t>(probe.group());
  if (number == 0 || number > static_cast<std::size_t>(overview.groups_size())) return none;
  return overview.groups(static_cast<int>(number - 1)).scopes();
}

std::string few_names(const std::vector<std::string>& some, std::size_t count) {
  std::string text;
  for (const std::string& name : some) text += (text.empty() ? "" : ", ") + name;
  if (count > some.size()) text += " and " + std::to_string(count - some.size()) + " more";
  return text;
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
