// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/frame_view.hpp"

#include <algorithm>
#include <optional>

#include "client/terminal/claude_rows.hpp"
#include "client/terminal/text.hpp"

namespace jackin::client {
namespace {

// No terminal is larger. A size from the protocol cannot allocate more than this.
constexpr unsigned largest = 1000;

void add_color(std::string& codes, const v1::Color& color, bool foreground) {
  const auto number = [](unsigned value) { return std::to_string(value); };
  if (color.has_indexed()) {
    const unsigned index = color.indexed() & 0xffU;
    if (index < 8) {
      codes += ";" + number((foreground ? 30 : 40) + index);
    } else if (index < 16) {
      codes += ";" + number((foreground ? 90 : 100) + index - 8);
    } else {
      codes += (foreground ? ";38;5;" : ";48;5;") + number(index);
    }
  } else if (color.has_rgb()) {
    const unsigned rgb = color.rgb();
    codes += (foreground ? ";38;2;" : ";48;2;") + number((rgb >> 16) & 0xffU) + ";" + number((rgb >> 8) & 0xffU) + ";" +
             number(rgb & 0xffU);
  }
}

// Returns the style of a run as one escape sequence, relative to plain text; empty for plain text.
std::string style_of(const v1::StyledRun& run, const OutputStyle& output) {
  std::string codes;
  if (run.bold()) codes += ";1";
  if (run.dim()) codes += ";2";
  if (run.italic()) codes += ";3";
  if (run.underline()) codes += ";4";
  if (run.reverse()) codes += ";7";
  if (run.strike()) codes += ";9";
  if (output.colour) {
    add_color(codes, run.foreground(), true);
    add_color(codes, run.background(), false);
  }
  return codes.empty() ? codes : "\x1b[" + codes.substr(1) + "m";
}

bool shows_something(const v1::StyledRun& run) {
  return run.reverse() || run.has_background() || run.underline() ||
         run.text().find_first_not_of(' ') != std::string::npos;
}

// The text of a row. A row without text that shows something nevertheless, such as a bar, counts as text.
std::string text_of(const v1::FrameRow& row) {
  std::string text;
  for (const v1::StyledRun& run : row.runs()) text += drawable(run.text());
  const bool is_drawn = std::any_of(row.runs().begin(), row.runs().end(), shows_something);
  return is_drawn && text.find_first_not_of(' ') == std::string::npos ? "\u00a0" : text;
}

std::string drawn(const v1::FrameRow& row, int columns, const OutputStyle& output) {
  std::string line;
  for (const v1::StyledRun& run : row.runs()) {
    if (columns <= 0) break;
    const std::string text = cut_to(drawable(run.text()), columns);
    columns -= display_width(text);
    const std::string style = style_of(run, output);
    line += style + text;
    if (!style.empty()) line += "\x1b[0m";
  }
  return line;
}

}  // namespace

void FrameView::apply(const v1::Frame& frame) {
  const CellSize size{static_cast<int>(std::min(frame.size().rows(), largest)),
                      static_cast<int>(std::min(frame.size().columns(), largest))};
  if (size != size_) {
    size_ = size;
    rows_.assign(static_cast<std::size_t>(size.rows), {});
  }
  for (const v1::FrameRow& row : frame.rows()) {
    if (row.row() < rows_.size()) rows_[row.row()] = row;
  }
  cursor_row_ = static_cast<int>(std::min(frame.cursor_row(), largest));
  cursor_column_ = static_cast<int>(std::min(frame.cursor_column(), largest));
  cursor_visible_ = frame.cursor_visible() && cursor_row_ < size_.rows;
}

ScreenLines FrameView::lines(CellSize place, const OutputStyle& output, std::string_view link) const {
  std::vector<std::string> texts;
  for (const v1::FrameRow& row : rows_) texts.push_back(text_of(row));
  const auto cursor_row = cursor_visible_ ? std::optional(cursor_row_) : std::nullopt;
  ScreenLines visible;
  for (const int row : claude_rows(texts, cursor_row, place.rows, link)) {
    if (row == cursor_row) {
      visible.cursor_row = static_cast<int>(visible.lines.size());
      visible.cursor_column = std::min(cursor_column_, place.columns - 1);
    }
    visible.lines.push_back(drawn(rows_[static_cast<std::size_t>(row)], place.columns, output));
  }
  return visible;
}

}  // namespace jackin::client
