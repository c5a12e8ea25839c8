// SPDX-License-Identifier: Apache-2.0
#include "client/tui/terminal/output.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "client/terminal/text.hpp"

namespace jackin::tui {
namespace {

// A gap of fewer unchanged cells is written again, since moving the cursor takes as many bytes.
constexpr int shortest_gap = 6;

struct Rgb {
  int red = 0;
  int green = 0;
  int blue = 0;
};

constexpr std::array<int, 6> cube_levels{0, 95, 135, 175, 215, 255};
// The first 16 colours of xterm.
constexpr std::array<Rgb, 16> basic_colors{{{0, 0, 0},
                                            {205, 0, 0},
                                            {0, 205, 0},
                                            {205, 205, 0},
                                            {0, 0, 238},
                                            {205, 0, 205},
                                            {0, 205, 205},
                                            {229, 229, 229},
                                            {127, 127, 127},
                                            {255, 0, 0},
                                            {0, 255, 0},
                                            {255, 255, 0},
                                            {92, 92, 255},
                                            {255, 0, 255},
                                            {0, 255, 255},
                                            {255, 255, 255}}};

Rgb rgb_of(unsigned index) {
  if (index < 16) return basic_colors[index];
  if (index >= 232) {
    const int grey = 8 + 10 * static_cast<int>(index - 232);
    return {grey, grey, grey};
  }
  const unsigned cube = index - 16;
  return {cube_levels[cube / 36], cube_levels[cube / 6 % 6], cube_levels[cube % 6]};
}

unsigned nearest(const Rgb& color, unsigned first, unsigned last) {
  unsigned best = first;
  int best_distance = std::numeric_limits<int>::max();
  for (unsigned index = first; index < last; ++index) {
    const Rgb candidate = rgb_of(index);
    const int red = candidate.red - color.red;
    const int green = candidate.green - color.green;
    const int blue = candidate.blue - color.blue;
    const int distance = red * red + green * green + blue * blue;
    if (distance < best_distance) {
      best = index;
      best_distance = distance;
    }
  }
  return best;
}

CellColor reduced(CellColor color, ColorLevel level) {
  if (color.kind == CellColor::Kind::standard || level == ColorLevel::none) return {};
  const bool is_rgb = color.kind == CellColor::Kind::rgb;
  if (!is_rgb) color.value &= 0xffU;
  const Rgb rgb = is_rgb ? Rgb{static_cast<int>(color.value >> 16 & 0xffU), static_cast<int>(color.value >> 8 & 0xffU),
                               static_cast<int>(color.value & 0xffU)}
                         : rgb_of(color.value);
  if (level == ColorLevel::sixteen && (is_rgb || color.value >= 16))
    return {CellColor::Kind::indexed, nearest(rgb, 0, 16)};
  // Colours 0 to 15 differ between terminals, so they are no candidates.
  if (level == ColorLevel::indexed && is_rgb) return {CellColor::Kind::indexed, nearest(rgb, 16, 256)};
  return color;
}

void add_color(std::string& codes, const CellColor& color, bool foreground) {
  const auto number = [](std::uint32_t value) { return std::to_string(value); };
  if (color.kind == CellColor::Kind::indexed) {
    if (color.value < 8) {
      codes += ";" + number((foreground ? 30 : 40) + color.value);
    } else if (color.value < 16) {
      codes += ";" + number((foreground ? 90 : 100) + color.value - 8);
    } else {
      codes += (foreground ? ";38;5;" : ";48;5;") + number(color.value);
    }
  } else if (color.kind == CellColor::Kind::rgb) {
    codes += (foreground ? ";38;2;" : ";48;2;") + number(color.value >> 16 & 0xffU) + ";" +
             number(color.value >> 8 & 0xffU) + ";" + number(color.value & 0xffU);
  }
}

std::string style_bytes(const CellStyle& style, ColorLevel colors) {
  std::string codes;
  if (style.bold) codes += ";1";
  if (style.dim) codes += ";2";
  if (style.italic) codes += ";3";
  if (style.underline) codes += ";4";
  if (style.reverse) codes += ";7";
  if (style.strike) codes += ";9";
  add_color(codes, reduced(style.foreground, colors), true);
  add_color(codes, reduced(style.background, colors), false);
  return codes.empty() ? "\x1b[m" : "\x1b[0" + codes + "m";
}

std::string move_to(int row, int column) {
  return "\x1b[" + std::to_string(row + 1) + ";" + std::to_string(column + 1) + "H";
}

bool is_right_half(const Cells& cells, int row, int column) {
  return column > 0 && cells.at(row, column).text.empty() && client::display_width(cells.at(row, column - 1).text) == 2;
}

// The first column from which the row is blank and unstyled.
int end_of_text(const Cells& cells, int row) {
  int end = cells.size().columns;
  while (end > 0 && cells.at(row, end - 1) == Cell{}) --end;
  return end;
}

struct Drawn {
  std::string text;
  int width = 1;
  bool is_simple = true;  // All terminals agree on its width.
};

// Terminals agree on the width of the scripts before the combining characters (U+0300), and on lines and blocks (U+2500
// to U+259F). Elsewhere it depends on their version of Unicode.
bool is_simple(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  if (text.size() == 2) return byte(0) >= 0xc2 && byte(0) < 0xcc;
  return text.size() == 3 && byte(0) == 0xe2 && byte(1) >= 0x94 && byte(1) <= 0x96;
}

Drawn drawn(const Cells& cells, int row, int column) {
  const std::string& text = cells.at(row, column).text;
  if (text.size() == 1 && text.front() >= ' ' && text.front() != '\x7f') return {text};
  const std::string safe = client::drawable(text);
  const int width = client::display_width(safe);
  const bool has_room = width == 2 && column + 1 < cells.size().columns && cells.at(row, column + 1).text.empty();
  if (width != 1 && !has_room) return {" "};
  const std::size_t one = client::cut_to(safe, width).size();
  return {safe.substr(0, one), width, is_simple(safe)};
}

}  // namespace

ColorLevel color_level_of(const Environment& environment) {
  const std::string term = environment.value_of("TERM");
  if (environment.has("NO_COLOR") || term == "dumb") return ColorLevel::none;
  const std::string level = environment.value_of("COLORTERM");
  if (level == "truecolor" || level == "24bit") return ColorLevel::full;
  return term.find("256color") != std::string::npos ? ColorLevel::indexed : ColorLevel::sixteen;
}

std::string Output::draw(const Cells& next) {
  std::string bytes;
  if (!is_known_ || next.size() != shown_.size()) {
    bytes = "\x1b[m\x1b[2J";
    shown_ = Cells(next.size());
    is_known_ = true;
  }
  for (int row = 0; row < next.size().rows; ++row) bytes += row_bytes(next, row);
  const bool cursor_moved = next.cursor != shown_.cursor;
  if (bytes.empty() && !cursor_moved) return {};
  std::string frame = "\x1b[?2026h";
  if (!bytes.empty() || !next.cursor) frame += "\x1b[?25l";
  frame += bytes;
  if (next.cursor) frame += move_to(next.cursor->row, next.cursor->column) + "\x1b[?25h";
  shown_ = next;
  return frame + "\x1b[?2026l";
}

std::string Output::row_bytes(const Cells& next, int row) const {
  std::string bytes = row_bytes(next, row, colors_, true);
  for (const ColorLevel colors : {ColorLevel::indexed, ColorLevel::sixteen, ColorLevel::none}) {
    if (bytes.size() <= most_row_bytes) return bytes;
    if (colors < colors_) bytes = row_bytes(next, row, colors, true);
  }
  return bytes.size() <= most_row_bytes ? bytes : row_bytes(next, row, ColorLevel::none, false);
}

std::string Output::row_bytes(const Cells& next, int row, ColorLevel colors, bool styles) const {
  std::string bytes;
  const int columns = next.size().columns;
  const int text_end = end_of_text(next, row);
  const CellStyle plain;
  CellStyle style;  // of the terminal; plain at the start of each row
  int cursor = -1;  // the terminal's column; -1 when it is not known
  for (int column = 0; column < columns;) {
    if (next.at(row, column) == shown_.at(row, column)) {
      ++column;
      continue;
    }
    if (is_right_half(next, row, column) && cursor != column) --column;
    if (column >= text_end && columns - column > 1) {
      if (!(style == plain)) bytes += "\x1b[m";
      style = plain;
      if (cursor != column) bytes += move_to(row, column);
      bytes += "\x1b[K";
      break;
    }
    // A short gap is written again, if its style is the same and its characters are simple.
    bool gap_is_written = cursor >= 0 && cursor < column && column - cursor < shortest_gap;
    for (int at = cursor; gap_is_written && at < column; ++at) {
      const Cell& cell = next.at(row, at);
      gap_is_written = cell.text.size() == 1 && (cell.style == style || !styles);
    }
    if (gap_is_written) {
      for (int at = cursor; at < column; ++at) bytes += drawn(next, row, at).text;
    } else if (cursor != column) {
      bytes += move_to(row, column);
    }
    const Cell& cell = next.at(row, column);
    if (styles && !(cell.style == style)) {
      bytes += style_bytes(cell.style, colors);
      style = cell.style;
    }
    const Drawn glyph = drawn(next, row, column);
    bytes += glyph.text;
    column += glyph.width;
    cursor = glyph.is_simple && column < columns ? column : -1;
  }
  if (!(style == plain)) bytes += "\x1b[m";
  return bytes;
}

}  // namespace jackin::tui
