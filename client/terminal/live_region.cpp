// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/live_region.hpp"

#include <algorithm>

#include "client/terminal/text.hpp"

namespace jackin::client {
namespace {

// Marks a row that continues a line. No line begins with this character.
constexpr char continued = '\0';

// The width in columns of a line that contains styles and links.
int visible_width(const std::string& line) {
  std::string plain;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\x1b') {
      plain += line[i];
      continue;
    }
    // A link (OSC 8) ends with ESC \, a style with m.
    const bool is_link = line.compare(i, 2, "\x1b]") == 0;
    i = is_link ? line.find("\x1b\\", i) : line.find('m', i);
    if (i == std::string::npos) break;
    if (is_link) ++i;
  }
  return display_width(plain);
}

// Returns one text for each row that `lines` take, in the form of `LiveRegion::shown_`.
std::vector<std::string> rows_of(const std::vector<std::string>& lines, int columns) {
  std::vector<std::string> rows;
  for (const std::string& line : lines) {
    rows.push_back(line);
    for (int left = visible_width(line) - columns; left > 0; left -= columns) rows.push_back(continued + line);
  }
  return rows;
}

}  // namespace

std::string LiveRegion::move_to(int row) {
  std::string moves;
  const int last = std::max(0, static_cast<int>(shown_.size()) - 1);
  if (row < row_) moves += "\x1b[" + std::to_string(row_ - row) + "A";
  const int down = std::min(row, last) - row_;
  if (down > 0) moves += "\x1b[" + std::to_string(down) + "B";
  // Below the last line only a line feed adds a row, by scrolling.
  for (int below = std::max(last, row_); below < row; ++below) moves += "\r\n";
  row_ = row;
  return moves + "\r";
}

std::string LiveRegion::show(const ScreenLines& next, int columns) {
  std::string out;
  const std::vector<std::string> rows = rows_of(next.lines, columns);
  const auto count = std::max(rows.size(), shown_.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& line = i < rows.size() ? rows[i] : std::string();
    if (i < shown_.size() && shown_[i] == line) continue;
    std::size_t first = i;
    while (first < rows.size() && rows[first].starts_with(continued)) --first;
    out += draw(first, first < rows.size() ? rows[first] : std::string(), columns);
  }

  const bool hide = next.cursor_row < 0;
  if (hide != cursor_hidden_) {
    out += hide ? "\x1b[?25l" : "\x1b[?25h";
    cursor_hidden_ = hide;
  }
  if (!hide) {
    out += move_to(next.cursor_row);
    if (next.cursor_column > 0) out += "\x1b[" + std::to_string(next.cursor_column) + "C";
  }
  return out;
}

std::string LiveRegion::draw(std::size_t row, const std::string& line, int columns) {
  std::string out = move_to(static_cast<int>(row)) + line;
  const int width = visible_width(line);
  // After a character in the last column a terminal delays the wrap, and erasing there would remove that character.
  if (width == 0 || width % columns != 0) out += "\x1b[K";
  const std::size_t end = row + static_cast<std::size_t>(std::max(0, width - 1) / columns) + 1;
  shown_.resize(std::max(shown_.size(), end));
  shown_[row] = line;
  std::fill(shown_.begin() + static_cast<std::ptrdiff_t>(row) + 1, shown_.begin() + static_cast<std::ptrdiff_t>(end),
            continued + line);
  row_ = static_cast<int>(end) - 1;
  return out;
}

std::string LiveRegion::clear() {
  std::string out;
  if (!shown_.empty()) out += move_to(0) + "\x1b[J";
  if (cursor_hidden_) out += "\x1b[?25h";
  forget();
  return out;
}

void LiveRegion::forget() {
  shown_.clear();
  row_ = 0;
  cursor_hidden_ = false;
}

}  // namespace jackin::client
