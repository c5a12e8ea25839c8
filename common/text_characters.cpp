// SPDX-License-Identifier: Apache-2.0
#include "common/text_characters.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace jackin {
namespace {

std::optional<char32_t> digit(char c, char32_t base) {
  char32_t value = base;
  if (c >= '0' && c <= '9') value = static_cast<char32_t>(c - '0');
  if (c >= 'a' && c <= 'f') value = static_cast<char32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') value = static_cast<char32_t>(c - 'A' + 10);
  return value < base ? std::optional(value) : std::nullopt;
}

// The number from the digits at the front of `text`, at most `most` of them. Its length is 0 when there is none.
Character number(std::string_view text, char32_t base, std::size_t most) {
  Character read;
  for (const char c : text.substr(0, most)) {
    const auto value = digit(c, base);
    if (!value) break;
    read.code = read.code * base + *value;
    ++read.bytes;
  }
  return read;
}

// The escape of one of these kinds at the front of `text`. Its length is 0 when there is none.
Character escaped(std::string_view text) {
  constexpr std::size_t longest_entity = 7;
  const auto fixed = [&](std::string_view begin, std::size_t digits) {
    if (!text.starts_with(begin)) return Character{};
    Character read = number(text.substr(begin.size()), 16, digits);
    read.bytes = read.bytes == digits ? begin.size() + digits : 0;
    return read;
  };
  const auto entity = [&](std::string_view begin, char32_t base) {
    if (!text.starts_with(begin)) return Character{};
    Character read = number(text.substr(begin.size()), base, longest_entity);
    const std::size_t end = begin.size() + read.bytes;
    read.bytes = read.bytes > 0 && end < text.size() && text[end] == ';' ? end + 1 : 0;
    return read;
  };
  for (const Character& read :
       {fixed("%", 2), fixed("\\x", 2), fixed("\\u", 4), entity("&#x", 16), entity("&#X", 16), entity("&#", 10)}) {
    if (read.bytes != 0) return read;
  }
  return {};
}

void append_utf8(Secret& text, char32_t code) {
  const auto put = [&](char32_t byte) { text.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | (code >> 6));
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3f));
    put(0x80 | (code & 0x3f));
  }
  // Code points beyond this range are never one of the searched letters.
}

}  // namespace

Character first_character(std::string_view text) {
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

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = first_character(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string escaped_bytes(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string shown;
  while (!text.empty()) {
    const std::size_t bytes = first_character(text).bytes;
    if (bytes == 0) {
      const auto byte = static_cast<std::uint8_t>(text.front());
      shown += {'\\', 'x', digits[byte >> 4], digits[byte & 0xf]};
    } else {
      shown += text.substr(0, bytes);
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return shown;
}

std::string unescaped_bytes(std::string_view text) {
  constexpr std::size_t length = 4;
  std::string bytes;
  while (!text.empty()) {
    const Character byte = text.starts_with("\\x") ? number(text.substr(2), 16, 2) : Character{};
    const bool is_escape = byte.bytes == 2 && byte.code >= 0x80;
    bytes += is_escape ? static_cast<char>(static_cast<unsigned char>(byte.code)) : text.front();
    text.remove_prefix(is_escape ? length : 1);
  }
  return bytes;
}

bool is_invisible(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x061c ||
         (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb) ||
         (code >= 0xe0000 && code <= 0xe0fff);
}

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

Secret decoded(std::string_view text) {
  Secret plain;
  plain.prepare(text.size());
  while (!text.empty()) {
    const std::size_t plain_part = std::min(text.find_first_of("%\\&"), text.size());
    plain.append(text.substr(0, plain_part));
    text.remove_prefix(plain_part);
    if (text.empty()) break;
    const Character read = escaped(text);
    if (read.bytes == 0) {
      plain.push_back(text.front());
      text.remove_prefix(1);
    } else {
      append_utf8(plain, read.code);
      text.remove_prefix(read.bytes);
    }
  }
  return plain;
}

bool shows_token_prefix(std::string_view text) {
  constexpr std::string_view prefix = "skantoat";
  const auto shows = [&](std::string_view view) {
    // Only the first letter of the prefix can start a new match.
    std::size_t matched = 0;
    return any_squeezed(view, [&](char c) {
      const bool fits = matched < prefix.size() ? c == prefix[matched] : c >= '0' && c <= '9';
      matched = fits ? matched + 1 : (c == prefix.front() ? 1 : 0);
      return matched == prefix.size() + 2;
    });
  };
  if (shows(text)) return true;
  if (text.find_first_of("%\\&") == text.npos) return false;
  const Secret once = decoded(text);
  return shows(once.view()) || shows(decoded(once.view()).view());
}

}  // namespace jackin
