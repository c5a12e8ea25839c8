// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "client/terminal/character_widths.hpp"

namespace jackin::client {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;  // 0: the text does not begin with UTF-8
};

Character front_of(std::string_view text) {
  const auto first = static_cast<std::uint8_t>(text.front());
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
  char32_t code = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<std::uint8_t>(text[i]);
    if ((next & 0xc0) != 0x80) return {};
    code = (code << 6) | (next & 0x3fU);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  if (code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, length};
}

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, char32_t code) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), code, [](char32_t c, const Range& r) { return c < r.first; });
  return after != ranges.begin() && code <= std::prev(after)->second;
}

constexpr std::array<Range, 13> without_glyph{{{0x00, 0x1f},
                                               {0x7f, 0x9f},
                                               {0xad, 0xad},
                                               {0x61c, 0x61c},
                                               {0x180e, 0x180e},
                                               {0x200b, 0x200f},
                                               {0x2028, 0x202e},
                                               {0x2060, 0x206f},
                                               {0xe000, 0xf8ff},
                                               {0xfeff, 0xfeff},
                                               {0xfff9, 0xfffb},
                                               {0xe0000, 0xe0fff},
                                               {0xf0000, 0x10ffff}}};

static_assert(std::is_sorted(without_glyph.begin(), without_glyph.end()));
static_assert(std::is_sorted(combining.begin(), combining.end()));
static_assert(std::is_sorted(wide.begin(), wide.end()));

int width_of(char32_t code) {
  if (is_in(combining, code)) return 0;
  return is_in(wide, code) ? 2 : 1;
}

// The number of bytes of `text` that fit into `columns`.
std::size_t fitting(std::string_view text, int columns) {
  std::size_t end = 0;
  while (end < text.size()) {
    const auto [code, bytes] = front_of(text.substr(end));
    const int width = bytes == 0 ? 1 : width_of(code);
    if (width > columns) break;
    columns -= width;
    end += std::max<std::size_t>(bytes, 1);
  }
  return end;
}

}  // namespace

std::string drawable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const auto [code, bytes] = front_of(text);
    if (bytes != 0 && !is_in(without_glyph, code)) clean += text.substr(0, bytes);
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return clean;
}

int display_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const auto [code, bytes] = front_of(text);
    width += bytes == 0 ? 1 : width_of(code);
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return width;
}

std::string cut_to(std::string_view text, int columns) {
  return std::string(text.substr(0, fitting(text, columns)));
}

std::string shortened(std::string_view text, int columns, std::string_view mark) {
  if (display_width(text) <= columns) return std::string(text);
  const int space = columns - display_width(mark);
  return space < 0 ? std::string() : cut_to(text, space) + std::string(mark);
}

std::vector<std::string> wrapped(std::string_view text, int columns) {
  const std::string safe = drawable(text);
  std::string_view rest = safe;
  std::vector<std::string> lines;
  columns = std::max(columns, 2);
  while (display_width(rest) > columns) {
    std::string line = cut_to(rest, columns);
    std::size_t used = line.size();
    const bool is_word_end = used < rest.size() && rest[used] == ' ';
    if (const std::size_t blank = line.rfind(' '); !is_word_end && blank != std::string::npos && blank > 0) {
      line.resize(blank);
      used = blank;
    }
    lines.push_back(line);
    rest.remove_prefix(used);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  }
  if (!rest.empty() || lines.empty()) lines.emplace_back(rest);
  return lines;
}

std::string padded(std::string_view text, int columns) {
  std::string wider(text);
  wider.append(static_cast<std::size_t>(std::max(0, columns - display_width(text))), ' ');
  return wider;
}

}  // namespace jackin::client
