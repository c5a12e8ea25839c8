// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/frame_cells.hpp"

#include <optional>
#include <vector>

#include "client/terminal/claude_rows.hpp"
#include "client/terminal/text.hpp"

namespace jackin::tui {
namespace {

CellColor color_of(const v1::Color& color) {
  switch (color.color_case()) {
    case v1::Color::kIndexed:
      return {CellColor::Kind::indexed, color.indexed() & 0xffU};
    case v1::Color::kRgb:
      return {CellColor::Kind::rgb, color.rgb() & 0xffffffU};
    case v1::Color::COLOR_NOT_SET:
      break;
  }
  return {};
}

CellStyle style_of(const v1::StyledRun& run) {
  return {.foreground = color_of(run.foreground()),
          .background = color_of(run.background()),
          .bold = run.bold(),
          .dim = run.dim(),
          .italic = run.italic(),
          .underline = run.underline(),
          .reverse = run.reverse(),
          .strike = run.strike()};
}

}  // namespace

Cells FrameCells::cells() const {
  const CellSize size = rows_.size();
  const auto cursor = rows_.cursor();
  const auto cursor_row = cursor ? std::optional(cursor->row) : std::nullopt;
  std::vector<int> shown = client::claude_rows(rows_.texts(), cursor_row, size.rows, {});
  if (shown.empty() && size.rows > 0) shown.push_back(0);
  Cells cells({static_cast<int>(shown.size()), size.columns});
  for (int at = 0; at < cells.size().rows; ++at) {
    const int row = shown[static_cast<std::size_t>(at)];
    int column = 0;
    for (const v1::StyledRun& run : rows_.at(row).runs()) {
      const std::string text = client::drawable(run.text());
      cells.write(at, column, text, style_of(run));
      column += client::display_width(text);
    }
    if (row == cursor_row && cursor->column < size.columns) cells.cursor = CellPosition{at, cursor->column};
  }
  return cells;
}

}  // namespace jackin::tui
