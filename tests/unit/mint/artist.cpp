// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/mint/artist.hpp"

#include <algorithm>

namespace jackin::test {
namespace {

std::string csi(int count, char command) {
  return "\x1b[" + (count == 1 ? std::string() : std::to_string(count)) + command;
}

}  // namespace

Picture wrapped(const std::string& text, int columns, int indent, bool boxed) {
  const std::string left = boxed ? "|" + std::string(static_cast<std::size_t>(indent) + 1, ' ')
                                 : std::string(static_cast<std::size_t>(indent), ' ');
  const std::size_t width = static_cast<std::size_t>(columns) - left.size() - (boxed ? 2 : 0);
  Picture picture;
  for (std::size_t at = 0; at < text.size(); at += width) {
    std::string row = left + text.substr(at, width);
    if (boxed) {
      row.resize(static_cast<std::size_t>(columns) - 1, ' ');
      row += '|';
    }
    picture.push_back(std::move(row));
  }
  return picture;
}

Artist::Artist(TerminalSize size, Random& random) : size_(size), random_(random) {
  cells_.assign(static_cast<std::size_t>(size.rows), std::string(static_cast<std::size_t>(size.columns), ' '));
}

std::string Artist::start_over(TerminalSize size) {
  size_ = size;
  cells_.assign(static_cast<std::size_t>(size.rows), std::string(static_cast<std::size_t>(size.columns), ' '));
  row_ = column_ = 0;
  std::string bytes = "\x1b[H";
  if (chance(random_, 0.5)) return bytes + "\x1b[2J";
  for (int row = 0; row < size.rows; ++row) bytes += row + 1 < size.rows ? "\x1b[2K\x1b[1B" : "\x1b[2K\x1b[H";
  return bytes;
}

std::string Artist::scroll(int rows) {
  std::string bytes = move_to(size_.rows - 1, 0);
  for (int i = 0; i < rows; ++i) {
    bytes += "\r\r\n";
    cells_.erase(cells_.begin());
    cells_.emplace_back(static_cast<std::size_t>(size_.columns), ' ');
  }
  return bytes;
}

std::vector<Artist::Stroke> Artist::strokes_for(int row, const std::string& wanted) {
  const auto& now = cells_[static_cast<std::size_t>(row)];
  std::vector<Stroke> strokes;
  const int most = chance(random_, 0.5) ? size_.columns : between(random_, 1, 30);
  const bool skips = chance(random_, 0.7);
  Stroke stroke{row, 0, {}};
  const auto finish = [&] {
    if (!stroke.text.empty()) strokes.push_back(stroke);
    stroke.text.clear();
  };
  for (int column = 0; column < size_.columns; ++column) {
    const auto at = static_cast<std::size_t>(column);
    if (skips && now[at] == wanted[at]) {
      finish();
      continue;
    }
    if (stroke.text.empty()) stroke.column = column;
    stroke.text += wanted[at];
    if (static_cast<int>(stroke.text.size()) >= most) finish();
  }
  finish();
  return strokes;
}

std::string Artist::move_to(int row, int column) {
  if (row == row_ && column == column_) return {};
  std::string bytes;
  const int way = between(random_, 0, 3);
  if (way == 0 || column_ >= size_.columns) {
    bytes = "\x1b[" + std::to_string(row + 1) + ";" + std::to_string(column + 1) + "H";
  } else if (way == 1 && row == row_ + 1) {
    bytes = "\r\r\n";
    if (column > 0) bytes += chance(random_, 0.5) ? csi(column, 'C') : csi(column + 1, 'G');
  } else {
    if (row != row_) bytes += row > row_ ? csi(row - row_, 'B') : csi(row_ - row, 'A');
    if (way == 2) {
      bytes = "\r" + bytes;
      if (column > 0) bytes += csi(column, 'C');
    } else if (column != column_) {
      bytes += column > column_ ? csi(column - column_, 'C') : csi(column_ - column, 'D');
    }
  }
  row_ = row;
  column_ = column;
  return bytes;
}

std::string Artist::put(const Stroke& stroke) {
  std::string bytes;
  if (chance(random_, 0.1)) {  // wrong text first, then the right text over it
    bytes += move_to(stroke.row, stroke.column) + std::string(stroke.text.size(), '*');
    column_ += static_cast<int>(stroke.text.size());
  }
  bytes += move_to(stroke.row, stroke.column);
  if (chance(random_, 0.3)) bytes += "\x1b[38;5;" + std::to_string(between(random_, 16, 250)) + "m";
  auto& row = cells_[static_cast<std::size_t>(stroke.row)];
  const auto blank_from = stroke.text.find_last_not_of(' ') + 1;
  const bool to_the_end = stroke.column + static_cast<int>(stroke.text.size()) == size_.columns;
  if (to_the_end && blank_from < stroke.text.size() && chance(random_, 0.7)) {
    bytes += stroke.text.substr(0, blank_from) + "\x1b[39m\x1b[K";
    column_ += static_cast<int>(blank_from);
  } else {
    bytes += stroke.text + (chance(random_, 0.3) ? "\x1b[39m" : "");
    column_ += static_cast<int>(stroke.text.size());
  }
  row.replace(static_cast<std::size_t>(stroke.column), stroke.text.size(), stroke.text);
  return bytes;
}

std::string Artist::draw(const Picture& picture, Order order) {
  std::vector<Stroke> strokes;
  for (int row = 0; row < size_.rows; ++row) {
    std::string wanted = row < static_cast<int>(picture.size()) ? picture[static_cast<std::size_t>(row)] : "";
    wanted.resize(static_cast<std::size_t>(size_.columns), ' ');
    const auto more = strokes_for(row, wanted);
    strokes.insert(strokes.end(), more.begin(), more.end());
  }
  if (order == Order::any) std::shuffle(strokes.begin(), strokes.end(), random_);
  std::string bytes;
  for (const auto& stroke : strokes) bytes += put(stroke);
  return bytes;
}

}  // namespace jackin::test
