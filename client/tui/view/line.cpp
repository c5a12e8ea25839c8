// SPDX-License-Identifier: Apache-2.0
#include "client/tui/view/line.hpp"

#include <algorithm>
#include <ftxui/dom/node.hpp>
#include <ftxui/screen/screen.hpp>
#include <memory>
#include <utility>

#include "client/terminal/text.hpp"

namespace jackin::tui {
namespace {

ftxui::Color ftxui_color(const CellColor& color, const Theme& theme) {
  if (!theme.color) return {};
  switch (color.kind) {
    case CellColor::Kind::standard:
      return {};
    case CellColor::Kind::indexed:
      if (color.value < 16) return static_cast<ftxui::Color::Palette16>(color.value);
      return static_cast<ftxui::Color::Palette256>(color.value & 0xffU);
    case CellColor::Kind::rgb:
      return ftxui::Color::RGB(static_cast<std::uint8_t>(color.value >> 16),
                               static_cast<std::uint8_t>(color.value >> 8), static_cast<std::uint8_t>(color.value));
  }
  return {};
}

void set_style(ftxui::Pixel& pixel, TextStyle style, const Theme& theme) {
  const auto colored = [&](ftxui::Color::Palette16 color) {
    if (theme.color) pixel.foreground_color = color;
  };
  switch (style) {
    case TextStyle::plain:
      return;
    case TextStyle::strong:
      pixel.bold = true;
      return;
    case TextStyle::dim:
      // Without colours, dim text is hard to read on many terminals and carries no meaning.
      pixel.dim = theme.color;
      return;
    case TextStyle::good:
      return colored(ftxui::Color::Green);
    case TextStyle::warning:
      return colored(ftxui::Color::Yellow);
    case TextStyle::bad:
      return colored(ftxui::Color::Red);
  }
}

class LineNode : public ftxui::Node {
 public:
  LineNode(Line line, const Theme& theme) : line_(std::move(line)), theme_(theme) {}

  void ComputeRequirement() override {
    requirement_.min_x = line_.width();
    requirement_.min_y = 1;
    requirement_.flex_grow_x = 1;
    requirement_.flex_shrink_x = 1;
  }

  void Render(ftxui::Screen& screen) override {
    if (box_.y_min > box_.y_max || box_.y_min >= screen.dimy()) return;
    int column = box_.x_min;
    for (const Line::Span& span : line_.spans()) {
      std::string_view rest = span.text;
      while (!rest.empty() && column <= box_.x_max) {
        const Glyph glyph = first_glyph(rest);
        rest.remove_prefix(glyph.text.size());
        const bool fits = column + glyph.width - 1 <= box_.x_max;
        put(screen, column, fits ? glyph.text : " ", span.style);
        if (fits && glyph.width == 2) put(screen, column + 1, "", span.style);
        column += glyph.width;
      }
    }
    if (line_.is_selected()) {
      for (int x = box_.x_min; x <= box_.x_max; ++x) screen.PixelAt(x, box_.y_min).inverted = true;
    }
    if (const auto cursor = line_.cursor_column()) {
      screen.SetCursor({std::min(box_.x_min + *cursor, box_.x_max), box_.y_min, ftxui::Screen::Cursor::Block});
    }
  }

 private:
  void put(ftxui::Screen& screen, int column, std::string_view text, TextStyle style) const {
    ftxui::Pixel& pixel = screen.PixelAt(column, box_.y_min);
    pixel = ftxui::Pixel();
    pixel.character = text;
    set_style(pixel, style, theme_);
  }

  Line line_;
  Theme theme_;
};

class CellsNode : public ftxui::Node {
 public:
  CellsNode(Cells cells, bool with_cursor, const Theme& theme)
      : cells_(std::move(cells)), with_cursor_(with_cursor), theme_(theme) {}

  void ComputeRequirement() override {
    requirement_.min_x = cells_.size().columns;
    requirement_.min_y = cells_.size().rows;
    requirement_.flex_grow_x = 1;
    requirement_.flex_grow_y = 1;
    requirement_.flex_shrink_x = 1;
    requirement_.flex_shrink_y = 1;
  }

  void Render(ftxui::Screen& screen) override {
    const int rows = std::min(cells_.size().rows, box_.y_max - box_.y_min + 1);
    const int columns = std::min(cells_.size().columns, box_.x_max - box_.x_min + 1);
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        const Cell& cell = cells_.at(row, column);
        ftxui::Pixel& pixel = screen.PixelAt(box_.x_min + column, box_.y_min + row);
        pixel = ftxui::Pixel();
        // A wide character needs two cells; the pane may end after the first one.
        const bool is_cut = column + 1 == columns && client::display_width(cell.text) == 2;
        pixel.character = is_cut ? " " : client::drawable(cell.text);
        pixel.bold = cell.style.bold;
        pixel.dim = cell.style.dim;
        pixel.underlined = cell.style.underline;
        pixel.inverted = cell.style.reverse;
        pixel.strikethrough = cell.style.strike;
        pixel.foreground_color = ftxui_color(cell.style.foreground, theme_);
        pixel.background_color = ftxui_color(cell.style.background, theme_);
      }
    }
    if (!with_cursor_ || !cells_.cursor) return;
    const int row = cells_.cursor->row;
    const int column = cells_.cursor->column;
    if (row < 0 || row >= rows || column < 0) return;
    screen.SetCursor({box_.x_min + std::min(column, columns - 1), box_.y_min + row, ftxui::Screen::Cursor::Block});
  }

 private:
  Cells cells_;
  bool with_cursor_;
  Theme theme_;
};

}  // namespace

Line& Line::add(std::string_view text, TextStyle style) {
  std::string safe = client::drawable(text);
  width_ += client::display_width(safe);
  spans_.push_back({std::move(safe), style});
  return *this;
}

Line& Line::to(int column) {
  return add(std::string(static_cast<std::size_t>(std::max(column - width_, 1)), ' '));
}

Line& Line::right(std::string_view text, int columns, TextStyle style) {
  const int start = columns - client::display_width(client::drawable(text));
  if (width_ >= start) fit(start - 1, "");
  to(start);
  return add(text, style);
}

Line joined(Line line, const Line& more) {
  for (const Line::Span& span : more.spans()) line.add(span.text, span.style);
  return line;
}

Line& Line::fit(int columns, std::string_view mark) {
  if (width_ <= columns) return *this;
  int left = std::max(columns, 0);
  std::vector<Span> kept;
  for (Span& span : spans_) {
    const int width = client::display_width(span.text);
    const bool is_last = width > left || (width == left && &span != &spans_.back());
    if (is_last) {
      kept.push_back({client::shortened(span.text, left, mark), span.style});
      // The span fits exactly, but more follows.
      if (width == left)
        kept.back().text = client::cut_to(span.text, left - client::display_width(mark)) + std::string(mark);
      break;
    }
    left -= width;
    kept.push_back(std::move(span));
  }
  spans_ = std::move(kept);
  width_ = 0;
  for (const Span& span : spans_) width_ += client::display_width(span.text);
  return *this;
}

ftxui::Element element(Line line, const Theme& theme) {
  return std::make_shared<LineNode>(std::move(line), theme);
}

ftxui::Element element(Lines lines, const Theme& theme) {
  ftxui::Elements elements;
  elements.reserve(lines.size());
  for (Line& line : lines) elements.push_back(element(std::move(line), theme));
  return ftxui::vbox(std::move(elements));
}

ftxui::Element element(Cells cells, bool with_cursor, const Theme& theme) {
  return std::make_shared<CellsNode>(std::move(cells), with_cursor, theme);
}

Line rule(int columns, const Theme& theme, std::string_view title) {
  const std::string_view dash = theme.drawn("─", "-");
  Line line;
  const auto dashes = [&](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += dash;
    line.add(text, TextStyle::dim);
  };
  if (!title.empty()) {
    dashes(1);
    line.add(" ").add(title, TextStyle::strong).add(" ");
    line.fit(columns - 1, theme.glyph("…", "~"));
  }
  dashes(columns - line.width());
  return line;
}

std::string end_of_text(std::string_view text, int columns, std::string_view mark) {
  std::string safe = client::drawable(text);
  if (client::display_width(safe) <= columns) return safe;
  std::string_view rest = safe;
  const int space = columns - client::display_width(mark);
  while (!rest.empty() && client::display_width(rest) > space) rest.remove_prefix(first_glyph(rest).text.size());
  return std::string(mark) + std::string(rest);
}

Lines marked(const Mark& mark, std::string_view text, int columns) {
  Lines lines;
  for (const std::string& part : wrapped(text, columns - 6)) {
    Line line("   ");
    if (lines.empty()) line.add(mark);
    lines.push_back(std::move(line.to(5).add(part)));
  }
  return lines;
}

}  // namespace jackin::tui
