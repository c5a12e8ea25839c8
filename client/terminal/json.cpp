// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/json.hpp"

namespace jackin::client {

void put_text(Json& object, std::string_view key, const std::string& value) {
  if (!value.empty()) object[std::string(key)] = value;
}

std::string as_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string as_line(const Json& value) {
  return as_text(value) + "\n";
}

}  // namespace jackin::client
