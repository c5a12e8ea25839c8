// SPDX-License-Identifier: Apache-2.0
#include "common/untrusted_text.hpp"

#include <algorithm>
#include <utility>

#include "common/claude.hpp"
#include "common/outside_text.hpp"
#include "common/text_characters.hpp"

namespace jackin {
namespace {

void mask_credentials(std::string& text) {
  constexpr auto prefix = credential_prefix;
  for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at + prefix.size())) {
    std::size_t end = at + prefix.size();
    while (end < text.size() && is_token_character(text[end])) ++end;
    text.replace(at + prefix.size(), end - at - prefix.size(), "***");
  }
}

// True for long words, and for shorter ones that mix letters and digits, as no natural language does.
bool may_be_secret(std::string_view word) {
  constexpr std::size_t longest_word = 24;
  constexpr std::size_t longest_mixture = 12;
  if (word.size() >= longest_word) return true;
  const auto any = [&](char first, char last) {
    return std::any_of(word.begin(), word.end(), [&](char c) { return first <= c && c <= last; });
  };
  return word.size() >= longest_mixture && any('0', '9') && (any('a', 'z') || any('A', 'Z'));
}

// Removes escape sequences, invisible characters, and bytes that are not UTF-8. Line ends become one space.
std::string without_controls(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    if (text.front() == '\x1b') {
      text.remove_prefix(escape_length(text));
      continue;
    }
    const auto [code, bytes] = first_character(text);
    if (bytes == 0) {
      text.remove_prefix(1);
      continue;
    }
    if (code == '\n' || code == '\r' || code == '\t') {
      if (!clean.empty() && clean.back() != ' ') clean += ' ';
    } else if (!is_invisible(code)) {
      clean += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  while (!clean.empty() && clean.back() == ' ') clean.pop_back();
  return clean;
}

}  // namespace

std::string without_secret_words(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_token_character);
    const std::string_view word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    clean += may_be_secret(word) ? "***" : word;
    text.remove_prefix(word.size());
    if (text.empty()) break;
    clean += text.front();
    text.remove_prefix(1);
  }
  return clean;
}

std::string cut_text(std::string text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t cut = limit;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
  text.resize(cut);
  return text + "…";
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string clean = without_controls(escaped_bytes(text));
  if (!is_utf8(text)) {
    // An escape `\xHH` in the middle of a credential would end the mask.
    std::string plain = without_controls(text);
    if (plain.find(credential_prefix) != plain.npos) clean = std::move(plain);
  }
  mask_credentials(clean);
  // A token that is spaced out or encoded cannot be masked as one word.
  if (shows_token_prefix(clean)) return std::string(withheld_text);
  return cut_text(std::move(clean), limit);
}

}  // namespace jackin
