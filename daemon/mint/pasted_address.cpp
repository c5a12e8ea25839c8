// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/pasted_address.hpp"

#include <algorithm>

namespace jackin::mint {
namespace {

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// Appends the value without its percent-encoding (RFC 3986, 2.1). Returns whether it is one word of printable ASCII.
bool append_decoded(Secret& out, std::string_view value) {
  if (value.empty()) return false;
  while (!value.empty()) {
    int byte = static_cast<unsigned char>(value.front());
    std::size_t used = 1;
    if (byte == '%') {
      if (value.size() < 3 || hex_value(value[1]) < 0 || hex_value(value[2]) < 0) return false;
      byte = hex_value(value[1]) * 16 + hex_value(value[2]);
      used = 3;
    }
    if (byte <= ' ' || byte > '~') return false;
    out.push_back(static_cast<char>(byte));
    value.remove_prefix(used);
  }
  return true;
}

Secret without_blanks(std::string_view text) {
  Secret plain;
  for (const char byte : text) {
    if (static_cast<unsigned char>(byte) > ' ') plain.push_back(byte);
  }
  return plain;
}

}  // namespace

std::optional<Secret> code_in_address(std::string_view text) {
  const Secret plain = without_blanks(text);
  std::string_view query = plain.view();
  if (const auto mark = query.find('?'); mark != std::string_view::npos) {
    query.remove_prefix(mark + 1);
  } else if (!query.starts_with("code=") && !query.starts_with("state=")) {
    return std::nullopt;
  }
  query = query.substr(0, query.find('#'));

  std::string_view code;
  std::string_view state;
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
    const std::string_view name = parameter.substr(0, parameter.find('='));
    const std::string_view value = parameter.substr(std::min(name.size() + 1, parameter.size()));
    if (name == "response_type" || name == "code_challenge") return std::nullopt;
    if (name == "code") code = value;
    if (name == "state") state = value;
  }
  Secret both;
  if (!append_decoded(both, code)) return std::nullopt;
  both.push_back('#');
  if (!append_decoded(both, state)) return std::nullopt;
  return both;
}

}  // namespace jackin::mint
