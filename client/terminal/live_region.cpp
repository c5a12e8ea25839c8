// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/live_region.hpp"

#include <algorithm>

#include "client/terminal/text.hpp"

namespace jackin::client {
namespace {

// The width in columns of a line that contains styles.
int visible_width(const std::string& line) {
  std::string plain;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\x1b') {
      plain += line[i];
      continue;
    }
    i = line.find('m', i);
    if (i == std::string::npos) break;
  }
  return display_width(plain);
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
  const auto count = std::max(next.lines.size(), shown_.size());
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_new = i >= shown_.size();
    const std::string& line = i < next.lines.size() ? next.lines[i] : std::string();
    if (!is_new && shown_[i] == line) continue;
    out += move_to(static_cast<int>(i));
    if (is_new) {
      shown_.emplace_back();
    }
    out += line;
    // After a character in the last column a terminal delays the wrap, and erasing there would remove that character.
    if (visible_width(line) < columns) out += "\x1b[K";
    shown_[i] = line;
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
