// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/auth_mode.hpp"

#include <array>

namespace jackin::config {
namespace {

constexpr std::array modes{AuthMode::sync, AuthMode::api_key, AuthMode::oauth_token, AuthMode::ignore};

}  // namespace

std::string_view to_string(AuthMode mode) {
  switch (mode) {
    case AuthMode::sync:
      return "sync";
    case AuthMode::api_key:
      return "api_key";
    case AuthMode::oauth_token:
      return "oauth_token";
    case AuthMode::ignore:
      return "ignore";
  }
  return "sync";
}

std::optional<AuthMode> auth_mode_from(std::string_view text) {
  for (const AuthMode mode : modes) {
    if (to_string(mode) == text) return mode;
  }
  return std::nullopt;
}

}  // namespace jackin::config
