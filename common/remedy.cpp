// SPDX-License-Identifier: Apache-2.0
#include "common/remedy.hpp"

namespace jackin {

std::string with_command(std::string remedy, std::string_view again) {
  if (!remedy.starts_with('#')) return remedy;
  return remedy == "#" ? std::string(again) : std::string(again) + "  " + remedy;
}

std::string for_scope(std::string remedy, const Scope& scope) {
  constexpr std::string_view placeholder = "SCOPE";
  if (!remedy.starts_with("jackinctl ")) return remedy;
  const std::string arguments = scope.arguments();
  for (std::size_t at = remedy.find(placeholder); at != remedy.npos; at = remedy.find(placeholder, at)) {
    remedy.replace(at, placeholder.size(), arguments);
    at += arguments.size();
  }
  return remedy;
}

}  // namespace jackin
