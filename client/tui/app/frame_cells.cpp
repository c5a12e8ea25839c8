// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/frame_cells.hpp"

#include <algorithm>
#include <cstdint>

#include "client/terminal/text.hpp"

namespace jackin::tui {
namespace {

constexpr std::uint32_t largest = 1000;

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

bool shows_something(const v1::StyledRun& run) {
  return run.reverse() || run.has_background() || run.underline() ||
         run.text().find_first_not_of(' ') != std::string::npos;
}

}  // namespace

void FrameCells::apply(const v1::Frame& frame) {
  const CellSize size{static_cast<int>(std::min(frame.size().rows(), largest)),
                      static_cast<int>(std::min(frame.size().columns(), largest))};
  if (size != size_) {
    size_ = size;
    rows_.assign(static_cast<std::size_t>(size.rows), {});
  }
  for (const v1::FrameRow& row : frame.rows()) {
    if (row.row() < rows_.size()) rows_[row.row()] = row;
  }
  cursor_ = {static_cast<int>(std::min(frame.cursor_row(), largest)),
             static_cast<int>(std::min(frame.cursor_column(), largest))};
  cursor_visible_ = frame.cursor_visible() && cursor_.row < size_.rows && cursor_.column < size_.columns;
}

Cells FrameCells::cells() const {
  int used = std::min(size_.rows, 1);
  for (int row = 0; row < size_.rows; ++row) {
    const auto& runs = rows_[static_cast<std::size_t>(row)].runs();
    if (std::any_of(runs.begin(), runs.end(), shows_something)) used = row + 1;
  }
  if (cursor_visible_) used = std::max(used, cursor_.row + 1);
  Cells cells({used, size_.columns});
  for (int row = 0; row < used; ++row) {
    int column = 0;
    for (const v1::StyledRun& run : rows_[static_cast<std::size_t>(row)].runs()) {
      const std::string text = client::drawable(run.text());
      cells.write(row, column, text, style_of(run));
      column += client::display_width(text);
    }
  }
  if (cursor_visible_) cells.cursor = cursor_;
  return cells;
}

}  // namespace jackin::tui
