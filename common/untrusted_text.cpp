#include "common/untrusted_text.hpp"

#include <algorithm>
#include <cstdint>

namespace jackin {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;  // 0: not UTF-8
};

Character decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto first = byte(0);
  if (first < 0x80) return {first, 1};
  std::size_t length = 0;
  char32_t code = 0;
  char32_t smallest = 0;
  if ((first & 0xe0) == 0xc0) {
    length = 2, code = first & 0x1f, smallest = 0x80;
  } else if ((first & 0xf0) == 0xe0) {
    length = 3, code = first & 0x0f, smallest = 0x800;
  } else if ((first & 0xf8) == 0xf0) {
    length = 4, code = first & 0x07, smallest = 0x10000;
  } else {
    return {};
  }
  if (text.size() < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3f);
  }
  if (code < smallest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, length};
}

bool is_invisible(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x061c ||
         (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb) ||
         (code >= 0xe0000 && code <= 0xe0fff);
}

// The length of the escape sequence that begins at the front (ESC or its one-byte C1 form already seen), at least 1.
std::size_t escape_length(std::string_view text) {
  if (text.size() < 2) return 1;
  if (text[1] == '[') {
    std::size_t end = 2;
    while (end < text.size() && (text[end] < 0x40 || text[end] > 0x7e) && text[end] >= 0x20) ++end;
    return end < text.size() ? end + 1 : end;
  }
  if (text[1] == ']' || text[1] == 'P' || text[1] == '_' || text[1] == '^' || text[1] == 'X') {
    std::size_t end = 2;
    while (end < text.size() && text[end] != '\a' && text[end] != '\x1b' && text[end] != '\n') ++end;
    if (end < text.size() && text[end] == '\x1b') return end + (end + 1 < text.size() ? 2 : 1);
    return end < text.size() && text[end] == '\a' ? end + 1 : end;
  }
  return 2;
}

bool is_credential_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

void mask_credentials(std::string& text) {
  constexpr std::string_view prefix = "sk-ant-";
  for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at + prefix.size())) {
    std::size_t end = at + prefix.size();
    while (end < text.size() && is_credential_character(text[end])) ++end;
    text.replace(at + prefix.size(), end - at - prefix.size(), "***");
  }
}

// Long, or with digits among its letters and no word of any language.
bool may_be_secret(std::string_view word) {
  constexpr std::size_t longest_word = 24;
  constexpr std::size_t longest_mixture = 12;
  if (word.size() >= longest_word) return true;
  const auto any = [&](char first, char last) {
    return std::any_of(word.begin(), word.end(), [&](char c) { return first <= c && c <= last; });
  };
  return word.size() >= longest_mixture && any('0', '9') && (any('a', 'z') || any('A', 'Z'));
}

}  // namespace

std::string without_secret_words(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_credential_character);
    const std::string_view word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    clean += may_be_secret(word) ? "***" : word;
    text.remove_prefix(word.size());
    if (text.empty()) break;
    clean += text.front();
    text.remove_prefix(1);
  }
  return clean;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string clean;
  while (!text.empty()) {
    if (text.front() == '\x1b') {
      text.remove_prefix(escape_length(text));
      continue;
    }
    const auto [code, bytes] = decode(text);
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
  mask_credentials(clean);
  if (clean.size() > limit) {
    std::size_t cut = limit;
    while (cut > 0 && (static_cast<unsigned char>(clean[cut]) & 0xc0) == 0x80) --cut;
    clean.resize(cut);
    clean += "…";
  }
  return clean;
}

}  // namespace jackin
