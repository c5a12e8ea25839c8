// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/unknown_keys.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "common/nearest.hpp"
#include "common/scope.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/auth_keys.hpp"

namespace jackin::config {
namespace {

constexpr std::array claude_keys{std::string_view("auth_forward"), std::string_view("oauth_token"),
                                 std::string_view("sync_source_dir")};
constexpr std::array tables{std::string_view("claude"), std::string_view("env"), std::string_view("roles")};

std::string lower_case(std::string_view key) {
  std::string text(key);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string folded(std::string_view key) {
  std::string text = lower_case(key);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

// Two wrong characters are a typing error, three a different word: the keys of `[claude]` differ by more.
constexpr std::size_t most_slips = 2;

std::string_view claude_key_near(std::string_view key) {
  for (const auto known : claude_keys) {
    if (edit_distance(folded(key), known) <= most_slips) return known;
  }
  return {};
}

UnknownKey::Hides hidden_by(std::string_view claude_key) {
  return claude_key == "auth_forward" || claude_key == "oauth_token" ? UnknownKey::Hides::mode
                                                                     : UnknownKey::Hides::nothing;
}

// The part of the configuration that is hidden in a table whose name is a misspelling of `meant`.
UnknownKey::Hides hidden_in(Node table, std::string_view meant) {
  auto hides = UnknownKey::Hides::nothing;
  for (const Member& member : table.members()) {
    if (meant == "claude") hides = std::max(hides, hidden_by(claude_key_near(member.key)));
    if (meant == "env" && member.key == token_variable) hides = UnknownKey::Hides::source;
  }
  return hides;
}

}  // namespace

std::string shown_key(std::string_view key) {
  return without_secret_words(printable(key, 40));
}

Error UnknownKey::error() const {
  std::string text = "unknown key '" + key + "'";
  if (!table.empty()) text += " in " + table;
  if (!meant.empty()) text += "; did you mean '" + meant + "'?";
  return invalid_at(file, place, text);
}

std::vector<UnknownKey> unknown_keys(Node layer, std::string_view name) {
  std::vector<UnknownKey> found;
  for (const Member& member : layer["claude"].members()) {
    if (std::find(claude_keys.begin(), claude_keys.end(), member.key) != claude_keys.end()) continue;
    const auto near = claude_key_near(member.key);
    found.push_back(
        {std::string(name), shown_key(member.key), "[claude]", std::string(near), member.place, hidden_by(near)});
  }
  for (const Member& member : layer["env"].members()) {
    if (member.key == token_variable || folded(member.key) != folded(token_variable)) continue;
    found.push_back({std::string(name), shown_key(member.key), "[env]", std::string(token_variable), member.place,
                     UnknownKey::Hides::source});
  }
  for (const Member& member : layer["roles"].members()) {
    // jackin looks for roles in lower case only.
    const std::string key = lower_case(member.key);
    if (key == member.key || !Scope::role("any", key)) continue;
    found.push_back({std::string(name), shown_key(member.key), "[roles]", key, member.place});
  }
  for (const Member& member : layer.members()) {
    const std::string key = folded(member.key);
    const bool is_near = std::find(tables.begin(), tables.end(), key) != tables.end();
    if (!is_near || key == member.key || !member.value.is(Node::Kind::table)) continue;
    found.push_back(
        {std::string(name), shown_key(member.key), {}, key, member.value.place(), hidden_in(member.value, key)});
  }
  std::sort(found.begin(), found.end(), [](const UnknownKey& one, const UnknownKey& other) {
    return std::pair(one.place.line, one.place.column) < std::pair(other.place.line, other.place.column);
  });
  return found;
}

}  // namespace jackin::config
