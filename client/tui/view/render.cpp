// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <ftxui/dom/node.hpp>
#include <ftxui/screen/screen.hpp>
#include <ftxui/screen/terminal.hpp>
#include <vector>

#include "client/tui/view/view.hpp"

namespace jackin::tui {
namespace {

// FTXUI describes a colour only by the parameters of an SGR sequence: "39", "31", "91", "38;5;208", "38;2;1;2;3".
CellColor color_of(const ftxui::Color& color) {
  static const ftxui::Color standard;
  if (color == standard) return {};
  const std::string text = color.Print(false);
  std::vector<std::uint32_t> numbers;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (at < end) {
    std::uint32_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc()) break;
    numbers.push_back(number);
    at = next + 1;
  }
  if (numbers.size() == 3 && numbers[0] == 38) return {CellColor::Kind::indexed, numbers[2]};
  if (numbers.size() == 5 && numbers[0] == 38) {
    return {CellColor::Kind::rgb, numbers[2] << 16 | numbers[3] << 8 | numbers[4]};
  }
  if (numbers.size() != 1 || numbers[0] == 39) return {};
  return {CellColor::Kind::indexed, numbers[0] >= 90 ? numbers[0] - 90 + 8 : numbers[0] - 30};
}

}  // namespace

Cells render(const Model& model, const Theme& theme) {
  // Otherwise FTXUI reduces the colours by what the environment says. `Output` does that here.
  ftxui::Terminal::SetColorSupport(ftxui::Terminal::Color::TrueColor);
  const int rows = std::max(model.size.rows, 1);
  const int columns = std::max(model.size.columns, 1);
  ftxui::Screen screen(columns, rows);
  screen.SetCursor({0, 0, ftxui::Screen::Cursor::Hidden});
  ftxui::Render(screen, view(model, theme));
  Cells cells({rows, columns});
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const ftxui::Pixel& pixel = screen.PixelAt(column, row);
      cells.at(row, column) = {pixel.character,
                               {.foreground = color_of(pixel.foreground_color),
                                .background = color_of(pixel.background_color),
                                .bold = pixel.bold,
                                .dim = pixel.dim,
                                .underline = pixel.underlined,
                                .reverse = pixel.inverted,
                                .strike = pixel.strikethrough}};
    }
  }
  const ftxui::Screen::Cursor cursor = screen.cursor();
  if (cursor.shape != ftxui::Screen::Cursor::Hidden) cells.cursor = CellPosition{cursor.y, cursor.x};
  return cells;
}

}  // namespace jackin::tui
