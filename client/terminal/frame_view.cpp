// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/frame_view.hpp"

#include <algorithm>
#include <optional>

#include "client/terminal/claude_rows.hpp"
#include "client/terminal/text.hpp"

namespace jackin::client {
namespace {

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

ScreenLines FrameView::lines(CellSize place, const OutputStyle& output, std::string_view link) const {
  const auto cursor = rows_.cursor();
  const auto cursor_row = cursor ? std::optional(cursor->row) : std::nullopt;
  ScreenLines visible;
  for (const int row : claude_rows(rows_.texts(), cursor_row, place.rows, link)) {
    if (row == cursor_row) {
      visible.cursor_row = static_cast<int>(visible.lines.size());
      visible.cursor_column = std::min(cursor->column, place.columns - 1);
    }
    visible.lines.push_back(drawn(rows_.at(row), place.columns, output));
  }
  return visible;
}

}  // namespace jackin::client
