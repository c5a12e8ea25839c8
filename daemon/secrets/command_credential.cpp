// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/command_credential.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "common/claude.hpp"
#include "common/text_characters.hpp"

namespace jackin::secrets {
namespace {

// Token prefixes as their vendors document them: Anthropic, 1Password (service accounts; Connect has a JWT), HashiCorp
// Vault, GitHub, GitLab, Slack, AWS.
constexpr std::array<std::string_view, 13> known_beginnings{
    credential_prefix, "ops_",   "eyJ",   "hvs.",  "hvb.", "ghp_", "gho_",
    "github_pat_",     "glpat-", "xoxb-", "xoxp-", "AKIA", "ASIA"};
constexpr std::size_t shortest_known = 16;
constexpr std::size_t long_value = 24;

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view between = " \t\r\n\"'`;()";
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(between), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool has_known_beginning(std::string_view word) {
  return word.size() >= shortest_known &&
         std::any_of(known_beginnings.begin(), known_beginnings.end(),
                     [&](std::string_view beginning) { return word.starts_with(beginning); });
}

// scheme://user:password@host
bool has_password_in_url(std::string_view word) {
  const auto scheme = word.find("://");
  if (scheme == word.npos) return false;
  auto authority = word.substr(scheme + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  const auto at = authority.rfind('@');
  const auto colon = authority.find(':');
  return at != authority.npos && colon < at && colon + 1 < at && authority[colon + 1] != '$';
}

bool may_be_value(std::string_view word) {
  if (word.empty() || word.find_first_of("/$@~-") == 0 || word.find("://") != word.npos) return false;
  if (word.size() >= long_value) return true;
  const bool has_digit = std::any_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  return has_digit && word.find('/') == word.npos;
}

bool names_a_credential(std::string_view name) {
  constexpr std::array<std::string_view, 7> endings{"password", "passwd", "passphrase",   "token",
                                                    "secret",   "key",    "authorization"};
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view one) { return lower.ends_with(one); });
}

bool is_scheme(std::string_view word) {
  return word == "Bearer" || word == "Basic" || word == "token";
}

}  // namespace

bool has_credential(const std::vector<std::string>& argv) {
  std::vector<std::string_view> words;
  for (std::size_t i = 1; i < argv.size(); ++i) {
    if (shows_token_prefix(argv[i])) return true;
    const auto more = words_of(argv[i]);
    words.insert(words.end(), more.begin(), more.end());
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    if (has_known_beginning(word) || has_password_in_url(word)) return true;
    // --password=VALUE and PASSWORD=VALUE.
    if (const auto equals = word.find('='); equals != word.npos) {
      const auto value = word.substr(equals + 1);
      if (has_known_beginning(value) || (names_a_credential(word.substr(0, equals)) && may_be_value(value)))
        return true;
      continue;
    }
    // --password VALUE and X-Password: VALUE.
    const bool is_header = word.ends_with(':');
    if (!is_header && !word.starts_with("--")) continue;
    if (!names_a_credential(is_header ? word.substr(0, word.size() - 1) : word)) continue;
    const std::size_t next = i + 1 < words.size() && is_scheme(words[i + 1]) ? i + 2 : i + 1;
    if (next < words.size() && may_be_value(words[next])) return true;
  }
  return false;
}

}  // namespace jackin::secrets
