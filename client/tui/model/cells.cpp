// SPDX-License-Identifier: Apache-2.0
#include "client/tui/model/cells.hpp"

#include <algorithm>

#include "client/terminal/text.hpp"

namespace jackin::tui {

Cells::Cells(CellSize size) : size_{std::max(size.rows, 0), std::max(size.columns, 0)} {
  cells_.resize(static_cast<std::size_t>(size_.rows) * static_cast<std::size_t>(size_.columns));
}

void Cells::write(int row, int column, std::string_view text, const CellStyle& style) {
  if (row < 0 || row >= size_.rows || column < 0) return;
  const std::string safe = client::drawable(text);
  std::string_view rest = safe;
  while (!rest.empty() && column < size_.columns) {
    const Glyph glyph = first_glyph(rest);
    rest.remove_prefix(glyph.text.size());
    if (column + glyph.width > size_.columns) {
      at(row, column) = {" ", style};
      return;
    }
    at(row, column) = {std::string(glyph.text), style};
    if (glyph.width == 2) at(row, column + 1) = {"", style};
    column += glyph.width;
  }
}

std::string Cells::text_of(int row) const {
  std::string text;
  for (int column = 0; column < size_.columns; ++column) text += at(row, column).text;
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

bool Cells::is_blank(int row) const {
  for (int column = 0; column < size_.columns; ++column) {
    const auto& [text, style] = at(row, column);
    const bool has_style = style.reverse || style.underline || style.background != CellColor();
    if (has_style || text.find_first_not_of(' ') != std::string::npos) return false;
  }
  return true;
}

Glyph first_glyph(std::string_view text) {
  for (const int width : {1, 2}) {
    const std::size_t bytes = client::cut_to(text, width).size();
    if (bytes > 0) return {text.substr(0, bytes), width};
  }
  return {text.substr(0, 1), 1};
}

}  // namespace jackin::tui
