// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_reference.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "common/untrusted_text.hpp"

namespace jackin::secrets {
namespace {

constexpr std::string_view scheme = "op://";

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string OpReference::str() const {
  std::string text(scheme);
  text += vault + '/' + item + '/';
  if (!section.empty()) text += section + '/';
  text += field;
  if (!query.empty()) text += '?' + query;
  return text;
}

bool OpReference::is_by_ids() const {
  return is_op_id(vault) && is_op_id(item);
}

Result<OpReference> parse_op_reference(std::string_view text) {
  const auto refused = [&] {
    return failure(Reason::invalid_argument,
                   "'" + printable(text) +
                       "' is not a 1Password reference: a reference needs a vault, an item and a field, "
                       "op://<vault>/<item>/[<section>/]<field>");
  };
  if (!text.starts_with(scheme)) return refused();
  std::string_view path = text.substr(scheme.size());
  OpReference reference;
  if (const auto question = path.find('?'); question != path.npos) {
    reference.query = path.substr(question + 1);
    path = path.substr(0, question);
  }
  std::vector<std::string> parts;
  while (true) {
    const auto slash = path.find('/');
    parts.emplace_back(path.substr(0, slash));
    if (parts.back().empty()) return refused();
    if (slash == path.npos) break;
    path.remove_prefix(slash + 1);
  }
  if (parts.size() < 3 || parts.size() > 4) return refused();
  reference.vault = std::move(parts[0]);
  reference.item = std::move(parts[1]);
  if (parts.size() == 4) reference.section = std::move(parts[2]);
  reference.field = std::move(parts.back());
  return reference;
}

bool is_op_id(std::string_view text) {
  return text.size() == 26 && std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c); });
}

std::string new_op_id() {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::array<std::uint8_t, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::string id;
  unsigned held = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    held = (held << 8 | byte) & 0xfffu;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      id += alphabet[held >> bits & 31u];
    }
  }
  id += alphabet[held << (5 - bits) & 31u];
  return id;
}

bool fits_op_reference(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' || c == ' ';
  });
}

}  // namespace jackin::secrets
