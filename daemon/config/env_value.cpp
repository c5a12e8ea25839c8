// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/env_value.hpp"

#include <algorithm>
#include <memory>
#include <string>

namespace jackin::config {

bool is_variable_name(std::string_view name) {
  const auto may_begin = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  return !name.empty() && may_begin(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return may_begin(c) || (c >= '0' && c <= '9'); });
}

secrets::CredentialSource env_value(std::string_view text) {
  std::string_view name = text;
  if (name.starts_with("${") && name.ends_with('}')) {
    name = name.substr(2, name.size() - 3);
  } else if (name.starts_with('$')) {
    name.remove_prefix(1);
  } else {
    name = {};
  }
  if (is_variable_name(name)) return secrets::ClientEnvSource{std::string(name)};
  return secrets::LiteralSource{std::make_shared<const Secret>(Secret::copy_of(text))};
}

}  // namespace jackin::config
