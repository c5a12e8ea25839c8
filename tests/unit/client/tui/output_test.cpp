// SPDX-License-Identifier: Apache-2.0
#include "client/tui/terminal/output.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <string>

#include "daemon/mint/screen.hpp"

namespace jackin::tui {
namespace {

std::string utf8_of(const mint::Cell& cell) {
  if (cell.width == 0) return "";
  if (cell.code_points[0] == 0) return " ";
  std::string text;
  for (const char32_t code : cell.code_points) {
    if (code == 0) break;
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else if (code < 0x800) {
      text += static_cast<char>(0xc0 | code >> 6);
      text += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
      text += static_cast<char>(0xe0 | code >> 12);
      text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
      text += static_cast<char>(0x80 | (code & 0x3f));
    } else {
      text += static_cast<char>(0xf0 | code >> 18);
      text += static_cast<char>(0x80 | (code >> 12 & 0x3f));
      text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
      text += static_cast<char>(0x80 | (code & 0x3f));
    }
  }
  return text;
}

CellColor color_of(const std::optional<mint::Color>& color) {
  if (!color) return {};
  if (const auto* palette = std::get_if<mint::PaletteColor>(&*color)) return {CellColor::Kind::indexed, palette->index};
  return {CellColor::Kind::rgb, std::get<mint::RgbColor>(*color).rgb};
}

// A terminal. It uses mint's screen, which shares no code with `Output`.
class Display {
 public:
  explicit Display(CellSize size) : size_(size), screen_({size.rows, size.columns}) {}

  void write(std::string_view bytes) { screen_.write(std::span(bytes.data(), bytes.size())); }

  void expect_shows(const Cells& cells, bool with_styles = true) const {
    ASSERT_EQ(cells.size(), size_);
    for (int row = 0; row < size_.rows; ++row) {
      for (int column = 0; column < size_.columns; ++column) {
        const mint::Cell shown = screen_.cell(row, column);
        const Cell& cell = cells.at(row, column);
        ASSERT_EQ(utf8_of(shown), cell.text) << row << "," << column;
        if (!with_styles || cell.text.empty()) continue;
        const mint::Style& style = shown.style;
        // libvterm 0.1.4 has no dim.
        const CellStyle seen{color_of(style.foreground),
                             color_of(style.background),
                             style.bold,
                             cell.style.dim,
                             style.italic,
                             style.underline,
                             style.reverse,
                             style.strike};
        ASSERT_EQ(seen, cell.style) << row << "," << column << " '" << cell.text << "'";
      }
    }
    const auto cursor = screen_.cursor();
    ASSERT_EQ(cursor.visible, cells.cursor.has_value());
    if (cells.cursor) {
      ASSERT_EQ(cursor.row, cells.cursor->row);
      ASSERT_EQ(cursor.column, cells.cursor->column);
    }
  }

 private:
  CellSize size_;
  mint::Screen screen_;
};

CellStyle random_style(std::mt19937& random) {
  CellStyle style;
  if (random() % 3 == 0) return style;
  style.bold = random() % 4 == 0;
  style.reverse = random() % 4 == 0;
  style.underline = random() % 5 == 0;
  style.strike = random() % 9 == 0;
  style.italic = random() % 9 == 0;
  if (random() % 3 == 0) style.foreground = {CellColor::Kind::indexed, static_cast<std::uint32_t>(random() % 256)};
  if (random() % 4 == 0) style.background = {CellColor::Kind::rgb, static_cast<std::uint32_t>(random() & 0xffffff)};
  return style;
}

// Changes some cells at random.
void change_some(Cells& cells, std::mt19937& random) {
  constexpr std::array<std::string_view, 9> texts{"a",   "hello world", "漢字",  "e\xcc\x81", "─│┌ ✓ ▸",
                                                  "   ", "x漢y",        "█████", "ü"};
  for (auto times = random() % 6; times > 0; --times) {
    const int row = static_cast<int>(random() % static_cast<unsigned>(cells.size().rows));
    const int column = static_cast<int>(random() % static_cast<unsigned>(cells.size().columns));
    // Do not leave half of a wide character.
    if (cells.at(row, column).text.empty()) continue;
    Cells before = cells;
    cells.write(row, column, texts[random() % texts.size()], random_style(random));
    for (int at = 0; at < cells.size().columns; ++at) {
      const bool is_half = cells.at(row, at).text.empty();
      const bool has_left = at > 0 && cells.at(row, at - 1).text == "漢";
      const bool has_left_too = at > 0 && cells.at(row, at - 1).text == "字";
      if (is_half && !has_left && !has_left_too) cells.at(row, at) = Cell{};
      const bool is_wide = cells.at(row, at).text == "漢" || cells.at(row, at).text == "字";
      if (is_wide && (at + 1 == cells.size().columns || !cells.at(row, at + 1).text.empty()))
        cells.at(row, at) = Cell{};
    }
  }
  if (random() % 5 == 0) {
    const int row = static_cast<int>(random() % static_cast<unsigned>(cells.size().rows));
    for (int column = 0; column < cells.size().columns; ++column) cells.at(row, column) = Cell{};
  }
  cells.cursor.reset();
  if (random() % 2 == 0) {
    cells.cursor = CellPosition{static_cast<int>(random() % static_cast<unsigned>(cells.size().rows)),
                                static_cast<int>(random() % static_cast<unsigned>(cells.size().columns))};
  }
}

TEST(Output, RandomScreens_ShownByTheTerminal) {
  for (const CellSize size : {CellSize{5, 20}, CellSize{24, 80}, CellSize{10, 33}}) {
    std::mt19937 random(static_cast<unsigned>(size.columns));
    Display display(size);
    Output output(ColorLevel::full);
    Cells cells(size);
    for (int frame = 0; frame < 400; ++frame) {
      change_some(cells, random);
      display.write(output.draw(cells));
      display.expect_shows(cells);
      if (testing::Test::HasFatalFailure()) FAIL() << "frame " << frame;
    }
  }
}

TEST(Output, Forget_WholeScreenDrawn) {
  Cells cells({5, 20});
  cells.write(1, 1, "hello");
  Output output(ColorLevel::none);
  output.draw(cells);
  EXPECT_EQ(output.draw(cells), "");
  output.forget();
  Display display({5, 20});
  display.write("garbage \x1b[41m everywhere");
  display.write(output.draw(cells));
  display.expect_shows(cells);
}

TEST(Output, ScreenUnchanged_NothingWritten) {
  Cells cells({24, 80});
  cells.write(3, 3, "text");
  cells.cursor = CellPosition{3, 7};
  Output output(ColorLevel::full);
  EXPECT_NE(output.draw(cells), "");
  EXPECT_EQ(output.draw(cells), "");
  cells.cursor = CellPosition{3, 6};
  EXPECT_EQ(output.draw(cells), "\x1b[?2026h\x1b[4;7H\x1b[?25h\x1b[?2026l");
}

TEST(Output, Frame_OneSynchronizedUpdate) {
  Cells cells({5, 20});
  cells.write(0, 0, "x");
  const std::string bytes = Output(ColorLevel::none).draw(cells);
  EXPECT_TRUE(bytes.starts_with("\x1b[?2026h"));
  EXPECT_TRUE(bytes.ends_with("\x1b[?2026l"));
}

TEST(Output, OneCellChanged_OnlyThatCellWritten) {
  Cells cells({24, 80});
  for (int row = 0; row < 24; ++row) cells.write(row, 0, std::string(80, 'a'));
  Output output(ColorLevel::full);
  output.draw(cells);
  cells.write(7, 40, "b");
  EXPECT_EQ(output.draw(cells), "\x1b[?2026h\x1b[?25l\x1b[8;41Hb\x1b[?2026l");
}

TEST(Output, CharacterOfUncertainWidth_CursorSetAfterIt) {
  // Terminals may disagree on the width of these: a star, a check mark, Thai, a circle, a dingbat.
  for (const char* text : {"⭐", "✓", "ก", "●", "❯"}) {
    Cells cells({5, 20});
    const int width = first_glyph(text).width;
    cells.write(0, 0, std::string(text) + "x");
    const std::string bytes = Output(ColorLevel::none).draw(cells);
    EXPECT_NE(bytes.find(text + ("\x1b[1;" + std::to_string(width + 1) + "Hx")), std::string::npos) << text;
  }
  for (const char* text : {"ü", "─", "█", "ß"}) {
    Cells cells({5, 20});
    cells.write(0, 0, std::string(text) + "x");
    EXPECT_NE(Output(ColorLevel::none).draw(cells).find(std::string(text) + "x"), std::string::npos) << text;
  }
}

TEST(Output, ManyStyles_RowTakesAtMostOneKilobyte) {
  std::mt19937 random(1);
  Cells cells({24, 200});
  for (int frame = 0; frame < 20; ++frame) {
    for (int row = 0; row < 24; ++row) {
      for (int column = 0; column < 200; ++column) {
        const char letter = static_cast<char>('a' + random() % 26);
        cells.at(row, column) = {std::string(1, letter), random_style(random)};
        cells.at(row, column).style.foreground = {CellColor::Kind::rgb,
                                                  static_cast<std::uint32_t>(random() & 0xffffff)};
      }
    }
    Output output(ColorLevel::full);
    EXPECT_LE(output.draw(cells).size(), 24 * Output::most_row_bytes + 100);
  }
}

TEST(Output, FewColours_NearestUsed) {
  Cells cells({5, 20});
  cells.write(0, 0, "a", {.foreground = {CellColor::Kind::rgb, 0xff0000}});
  cells.write(1, 0, "b", {.foreground = {CellColor::Kind::indexed, 196}});
  cells.write(2, 0, "c", {.background = {CellColor::Kind::indexed, 2}, .bold = true});
  EXPECT_NE(Output(ColorLevel::full).draw(cells).find("\x1b[0;38;2;255;0;0m"), std::string::npos);
  EXPECT_NE(Output(ColorLevel::indexed).draw(cells).find("\x1b[0;38;5;196ma"), std::string::npos);
  EXPECT_NE(Output(ColorLevel::sixteen).draw(cells).find("\x1b[0;91ma"), std::string::npos);
  EXPECT_NE(Output(ColorLevel::sixteen).draw(cells).find("\x1b[0;91mb"), std::string::npos);
  const std::string without = Output(ColorLevel::none).draw(cells);
  EXPECT_EQ(without.find("38;"), std::string::npos);
  EXPECT_EQ(without.find(";42"), std::string::npos);
  EXPECT_NE(without.find("\x1b[0;1mc"), std::string::npos);
}

TEST(Output, ColorLevel_EachEnvironment_ItsLevel) {
  EXPECT_EQ(color_level_of(Environment(Environment::Variables{{"TERM", "xterm-256color"}})), ColorLevel::indexed);
  EXPECT_EQ(color_level_of(Environment(Environment::Variables{{"TERM", "xterm"}, {"COLORTERM", "truecolor"}})),
            ColorLevel::full);
  EXPECT_EQ(color_level_of(Environment(Environment::Variables{{"TERM", "linux"}})), ColorLevel::sixteen);
  EXPECT_EQ(color_level_of(Environment(Environment::Variables{{"TERM", "xterm"}, {"NO_COLOR", "1"}})),
            ColorLevel::none);
  EXPECT_EQ(color_level_of(Environment(Environment::Variables{{"TERM", "dumb"}})), ColorLevel::none);
}

TEST(Output, ControlCharacters_NotWritten) {
  Cells cells({5, 20});
  cells.at(0, 0).text = "\x1b[2J";
  cells.at(0, 1).text = "\r\n";
  cells.at(0, 2).text = "漢";  // without its right half
  cells.at(0, 4).text = "";    // a right half without its character
  cells.at(0, 19).text = "漢";
  cells.at(1, 0).text = "ab";
  cells.write(2, 0, "safe");
  const std::string bytes = Output(ColorLevel::full).draw(cells);
  Display display({5, 20});
  display.write(bytes);
  Cells expected({5, 20});
  expected.write(2, 0, "safe");
  display.expect_shows(expected);
}

}  // namespace
}  // namespace jackin::tui
