// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/frame.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace jackin::mint {
namespace {

constexpr std::string_view mask_character = "\u2022";
constexpr std::string_view unprintable = "\ufffd";

void append_utf8(std::string& text, char32_t code) {
  const auto byte = [&](char32_t value) { text += static_cast<char>(static_cast<unsigned char>(value)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6), byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | code >> 18), byte(0x80 | (code >> 12 & 0x3f)), byte(0x80 | (code >> 6 & 0x3f)),
        byte(0x80 | (code & 0x3f));
  }
}

// Rejects controls, joiners, direction marks, tags and surrogates: characters that a terminal interprets or does not
// display.
bool is_visible(char32_t c) {
  return !(c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x061c || (c >= 0x180b && c <= 0x180f) ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
           (c >= 0xd800 && c <= 0xdfff) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || c >= 0xe0000);
}

void append_cell(std::string& text, const Cell& cell) {
  const char32_t base = cell.code_points[0];
  if (base == 0) {
    text += ' ';
  } else if (!is_visible(base)) {
    text += unprintable;
  } else {
    for (const char32_t c : cell.code_points) {
      if (c != 0 && is_visible(c)) append_utf8(text, c);
    }
  }
}

bool is_blank(const Cell& cell) {
  return cell.code_points[0] == 0 && cell.width == 1 && cell.style == Style{};
}

bool is_blank_row(const Screen& screen, int row) {
  for (int column = 0; column < screen.size().columns; ++column) {
    if (!is_blank(screen.cell(row, column))) return false;
  }
  return true;
}

int first_shown_row(const Screen& screen, int rows) {
  const auto cursor = screen.cursor();
  int last = screen.size().rows - 1;
  while (last > cursor.row && is_blank_row(screen, last)) --last;
  const int top = std::max(0, last - rows + 1);
  return cursor.visible ? std::min(top, cursor.row) : top;
}

std::vector<StyledRun> row_of(const Screen& screen, const Mask& mask, int row) {
  int end = screen.size().columns;
  while (end > 0 && !mask.hides(row, end - 1) && is_blank(screen.cell(row, end - 1))) --end;
  std::vector<StyledRun> runs;
  for (int column = 0; column < end; ++column) {
    const Cell cell = screen.cell(row, column);
    const bool hidden = mask.hides(row, column);
    if (cell.width == 0 && !hidden) continue;
    if (runs.empty() || runs.back().style != cell.style) runs.push_back({{}, cell.style});
    if (hidden) {
      runs.back().text += mask_character;
    } else {
      append_cell(runs.back().text, cell);
    }
  }
  return runs;
}

}  // namespace

Frame frame_of(const Screen& screen, const Mask& mask, int most_rows) {
  const TerminalSize whole = screen.size();
  Frame frame{{std::min(whole.rows, std::max(most_rows, 1)), whole.columns}, {}, screen.cursor()};
  const int top = first_shown_row(screen, frame.size.rows);
  for (int row = top; row < top + frame.size.rows; ++row) frame.rows.push_back(row_of(screen, mask, row));
  frame.cursor.row = std::clamp(frame.cursor.row - top, 0, frame.size.rows - 1);
  return frame;
}

FrameUpdate difference(const Frame* before, const Frame& now) {
  FrameUpdate update{now.size, {}, now.cursor.row, now.cursor.column, now.cursor.visible};
  const bool whole = before == nullptr || before->size != now.size;
  for (std::size_t row = 0; row < now.rows.size(); ++row) {
    if (whole || before->rows[row] != now.rows[row]) update.rows.push_back({static_cast<int>(row), now.rows[row]});
  }
  return update;
}

void apply(const FrameUpdate& update, Frame& frame) {
  frame.size = update.size;
  frame.rows.resize(static_cast<std::size_t>(update.size.rows));
  for (const auto& row : update.rows) frame.rows.at(static_cast<std::size_t>(row.row)) = row.runs;
  frame.cursor = {update.cursor_row, update.cursor_column, update.cursor_visible};
}

}  // namespace jackin::mint
