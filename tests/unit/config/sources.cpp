// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/sources.hpp"

#include <memory>

namespace jackin::test {

using namespace jackin::secrets;

std::string example_token(char letter) {
  std::string token = "sk-ant-oat01-";
  for (int i = 0; token.size() < 106; ++i) token += static_cast<char>(letter + i % 23);
  return token + "AA";
}

CredentialSource op_source(std::string_view item) {
  return OpSource{"op://v1/" + std::string(item) + "/credential", "Personal/Claude/credential", ""};
}

CredentialSource literal_source(std::string_view token) {
  return LiteralSource{std::make_shared<const Secret>(Secret::copy_of(token))};
}

bool shows_token(std::string_view text, std::string_view token) {
  for (std::size_t at = std::string_view("sk-ant-oat01-").size(); at + 8 <= token.size(); ++at) {
    if (text.find(token.substr(at, 8)) != std::string_view::npos) return true;
  }
  return false;
}

std::string edit(std::string_view text, const config::AuthKeys& wanted, std::string_view role) {
  const auto result = config::edited(text, "config.toml", {std::string(role)}, wanted);
  if (!result) return "error: " + std::string(to_code(result.error().reason)) + ": " + result.error().message;
  return std::string(result->view());
}

}  // namespace jackin::test
