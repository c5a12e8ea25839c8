// SPDX-License-Identifier: Apache-2.0
// FrameView together with LiveRegion. The tests check the cells of a terminal (libvterm), never the bytes alone.

#include <gtest/gtest.h>
#include <vterm.h>

#include <string>
#include <vector>

#include "client/terminal/frame_view.hpp"
#include "client/terminal/live_region.hpp"

namespace jackin::client {
namespace {

class Terminal {
 public:
  Terminal(int rows, int columns) : rows_(rows), columns_(columns), term_(vterm_new(rows, columns)) {
    vterm_set_utf8(term_, 1);
    vterm_screen_reset(vterm_obtain_screen(term_), 1);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() { vterm_free(term_); }

  void write(const std::string& bytes) { vterm_input_write(term_, bytes.data(), bytes.size()); }

  std::string row(int row) const {
    std::string text;
    for (int column = 0; column < columns_; ++column) {
      VTermScreenCell cell;
      vterm_screen_get_cell(vterm_obtain_screen(term_), {row, column}, &cell);
      text += cell.chars[0] == 0 ? ' ' : cell.chars[0] < 0x80 ? static_cast<char>(cell.chars[0]) : '?';
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }
  std::vector<std::string> screen() const {
    std::vector<std::string> all;
    for (int i = 0; i < rows_; ++i) all.push_back(row(i));
    while (!all.empty() && all.back().empty()) all.pop_back();
    return all;
  }
  VTermPos cursor() const {
    VTermPos position;
    vterm_state_get_cursorpos(vterm_obtain_state(term_), &position);
    return position;
  }
  VTermScreenCell cell(int row, int column) const {
    VTermScreenCell cell;
    vterm_screen_get_cell(vterm_obtain_screen(term_), {row, column}, &cell);
    return cell;
  }

 private:
  int rows_;
  int columns_;
  VTerm* term_;
};

v1::Frame frame_of(unsigned rows, unsigned columns, const std::vector<std::pair<unsigned, std::string>>& texts) {
  v1::Frame frame;
  frame.mutable_size()->set_rows(rows);
  frame.mutable_size()->set_columns(columns);
  for (const auto& [row, text] : texts) {
    v1::FrameRow& added = *frame.add_rows();
    added.set_row(row);
    added.add_runs()->set_text(text);
  }
  return frame;
}

using Lines = std::vector<std::string>;

TEST(FrameDrawing, Show_EarlierOutput_FrameBelow) {
  Terminal terminal(10, 40);
  FrameView view;
  LiveRegion region;
  terminal.write("step one\r\nstep two\r\n");
  view.apply(frame_of(8, 40, {{0, "Welcome"}, {2, "Paste code here >"}}));
  terminal.write(region.show(view.lines({7, 40}, OutputStyle{}), 40));
  EXPECT_EQ(terminal.screen(), (Lines{"step one", "step two", "Welcome", "", "Paste code here >"}));
}

TEST(FrameDrawing, Show_OneRowChanged_OnlyThatRowDrawn) {
  Terminal terminal(10, 40);
  FrameView view;
  LiveRegion region;
  view.apply(frame_of(8, 40, {{0, "Welcome"}, {1, "waiting"}, {2, "prompt"}}));
  terminal.write(region.show(view.lines({8, 40}, OutputStyle{}), 40));
  view.apply(frame_of(8, 40, {{1, "done"}}));
  const std::string update = region.show(view.lines({8, 40}, OutputStyle{}), 40);
  EXPECT_EQ(update.find("Welcome"), std::string::npos);
  EXPECT_EQ(update.find("prompt"), std::string::npos);
  terminal.write(update);
  EXPECT_EQ(terminal.screen(), (Lines{"Welcome", "done", "prompt"}));
}

TEST(FrameDrawing, Show_Unchanged_NoOutput) {
  FrameView view;
  LiveRegion region;
  view.apply(frame_of(8, 40, {{0, "Welcome"}}));
  region.show(view.lines({8, 40}, OutputStyle{}), 40);
  EXPECT_EQ(region.show(view.lines({8, 40}, OutputStyle{}), 40), "");
}

TEST(FrameDrawing, Show_RegionAtBottom_EarlierOutputScrolled) {
  Terminal terminal(4, 20);
  FrameView view;
  LiveRegion region;
  terminal.write("one\r\ntwo\r\nthree\r\n");
  view.apply(frame_of(8, 20, {{0, "a"}, {1, "b"}, {2, "c"}}));
  terminal.write(region.show(view.lines({3, 20}, OutputStyle{}), 20));
  EXPECT_EQ(terminal.screen(), (Lines{"three", "a", "b", "c"}));
  view.apply(frame_of(8, 20, {{0, "A"}, {2, "C"}}));
  terminal.write(region.show(view.lines({3, 20}, OutputStyle{}), 20));
  EXPECT_EQ(terminal.screen(), (Lines{"three", "A", "b", "C"}));
}

TEST(FrameDrawing, Clear_ShownFrame_Erased) {
  Terminal terminal(6, 20);
  FrameView view;
  LiveRegion region;
  terminal.write("step\r\n");
  view.apply(frame_of(8, 20, {{0, "a"}, {1, "b"}}));
  terminal.write(region.show(view.lines({4, 20}, OutputStyle{}), 20));
  terminal.write(region.clear() + "captured\r\n");
  EXPECT_EQ(terminal.screen(), (Lines{"step", "captured"}));
}

TEST(FrameDrawing, Show_RowOfFullWidth_LastColumnKept) {
  Terminal terminal(4, 10);
  FrameView view;
  LiveRegion region;
  view.apply(frame_of(4, 10, {{0, "0123456789"}, {1, "x"}}));
  terminal.write(region.show(view.lines({4, 10}, OutputStyle{}), 10));
  EXPECT_EQ(terminal.screen(), (Lines{"0123456789", "x"}));
}

TEST(FrameDrawing, Show_RowTooWide_Cut) {
  Terminal terminal(4, 10);
  FrameView view;
  LiveRegion region;
  view.apply(frame_of(4, 20, {{0, "0123456789abcdef"}, {1, "x"}}));
  terminal.write(region.show(view.lines({4, 10}, OutputStyle{}), 10));
  EXPECT_EQ(terminal.screen(), (Lines{"0123456789", "x"}));
}

TEST(FrameDrawing, Show_WideLine_WrappedByTheTerminal) {
  const std::string wide = "\x1b]8;;https://m.example/\x1b\\0123456789abcdefghijXY\x1b]8;;\x1b\\";
  Terminal terminal(6, 10);
  LiveRegion region;
  terminal.write("one\r\ntwo\r\nthree\r\n");
  ScreenLines lines{{"head", wide, "end"}, 4, 2};
  const std::string drawn = region.show(lines, 10);
  terminal.write(drawn);
  EXPECT_NE(drawn.find("0123456789abcdefghijXY"), std::string::npos) << "the line is not written as one text";
  EXPECT_EQ(terminal.screen(), (Lines{"three", "head", "0123456789", "abcdefghij", "XY", "end"}));
  EXPECT_EQ(terminal.cursor().row, 5);
  EXPECT_EQ(terminal.cursor().col, 2);
  EXPECT_EQ(region.show(lines, 10), "\r\x1b[2C") << "more than the cursor is written";
  lines.lines[2] = "END";
  const std::string update = region.show(lines, 10);
  EXPECT_EQ(update.find("0123"), std::string::npos);
  terminal.write(update);
  EXPECT_EQ(terminal.screen(), (Lines{"three", "head", "0123456789", "abcdefghij", "XY", "END"}));
  // The long line moves up by one row, then it is removed.
  terminal.write(region.show({{wide, "end"}}, 10));
  EXPECT_EQ(terminal.screen(), (Lines{"three", "0123456789", "abcdefghij", "XY", "end"}));
  terminal.write(region.show({{"a", "b", "c"}}, 10));
  EXPECT_EQ(terminal.screen(), (Lines{"three", "a", "b", "c"}));
  terminal.write(region.clear() + "next");
  EXPECT_EQ(terminal.screen(), (Lines{"three", "next"}));
}

TEST(FrameDrawing, Show_WideLineFillsLastRow_LastColumnKept) {
  Terminal terminal(5, 10);
  LiveRegion region;
  terminal.write(region.show({{"0123456789abcdefghij", "end"}}, 10));
  EXPECT_EQ(terminal.screen(), (Lines{"0123456789", "abcdefghij", "end"}));
}

TEST(FrameDrawing, Show_ShorterRow_RestErased) {
  Terminal terminal(4, 20);
  FrameView view;
  LiveRegion region;
  view.apply(frame_of(4, 20, {{0, "a long row"}, {1, "x"}}));
  terminal.write(region.show(view.lines({4, 20}, OutputStyle{}), 20));
  view.apply(frame_of(4, 20, {{0, "short"}, {1, ""}}));
  terminal.write(region.show(view.lines({4, 20}, OutputStyle{}), 20));
  EXPECT_EQ(terminal.screen(), (Lines{"short"}));
}

TEST(FrameDrawing, Show_CursorVisible_AtFramePosition) {
  Terminal terminal(8, 40);
  FrameView view;
  LiveRegion region;
  terminal.write("step\r\n");
  v1::Frame frame = frame_of(6, 40, {{0, "Welcome"}, {1, "Paste > ***"}, {3, "hint"}});
  frame.set_cursor_row(1);
  frame.set_cursor_column(11);
  frame.set_cursor_visible(true);
  view.apply(frame);
  terminal.write(region.show(view.lines({6, 40}, OutputStyle{}), 40));
  EXPECT_EQ(terminal.cursor().row, 2);
  EXPECT_EQ(terminal.cursor().col, 11);
  frame = frame_of(6, 40, {{1, "Paste > ****"}});
  frame.set_cursor_row(1);
  frame.set_cursor_column(12);
  frame.set_cursor_visible(true);
  view.apply(frame);
  terminal.write(region.show(view.lines({6, 40}, OutputStyle{}), 40));
  EXPECT_EQ(terminal.cursor().col, 12);
  EXPECT_EQ(terminal.screen(), (Lines{"step", "Welcome", "Paste > ****", "", "hint"}));
}

TEST(FrameDrawing, Lines_TooManyRows_EndOrCursorRowKept) {
  FrameView view;
  v1::Frame frame = frame_of(8, 20, {{0, "a"}, {1, "b"}, {2, "c"}, {3, "d"}, {4, "e"}});
  view.apply(frame);
  EXPECT_EQ(view.lines({2, 20}, OutputStyle{}).lines, (Lines{"d", "e"}));
  frame.set_cursor_row(1);
  frame.set_cursor_visible(true);
  view.apply(frame);
  EXPECT_EQ(view.lines({2, 20}, OutputStyle{}).lines, (Lines{"b", "c"}));
  EXPECT_EQ(view.lines({2, 20}, OutputStyle{}).cursor_row, 0);
}

TEST(FrameDrawing, Apply_SizeChanged_OldRowsDropped) {
  FrameView view;
  view.apply(frame_of(8, 20, {{0, "old"}, {5, "old too"}}));
  view.apply(frame_of(8, 30, {{0, "new"}}));
  EXPECT_EQ(view.lines({8, 30}, OutputStyle{}).lines, (Lines{"new"}));
}

TEST(FrameDrawing, Show_BoldAndColour_Drawn) {
  Terminal terminal(4, 20);
  FrameView view;
  LiveRegion region;
  v1::Frame frame = frame_of(4, 20, {{0, "x"}});
  v1::StyledRun& run = *frame.mutable_rows(0)->mutable_runs(0);
  run.set_bold(true);
  run.mutable_foreground()->set_rgb(0x102030);
  view.apply(frame);
  terminal.write(region.show(view.lines({4, 20}, OutputStyle{true}), 20));
  const VTermScreenCell cell = terminal.cell(0, 0);
  EXPECT_TRUE(cell.attrs.bold);
  ASSERT_TRUE(VTERM_COLOR_IS_RGB(&cell.fg));
  EXPECT_EQ(cell.fg.rgb.green, 0x20);
}

TEST(FrameDrawing, Lines_ColourOff_BoldKept) {
  FrameView view;
  v1::Frame frame = frame_of(4, 20, {{0, "x"}});
  v1::StyledRun& run = *frame.mutable_rows(0)->mutable_runs(0);
  run.set_bold(true);
  run.mutable_foreground()->set_indexed(3);
  run.mutable_background()->set_rgb(0xffffff);
  view.apply(frame);
  EXPECT_EQ(view.lines({4, 20}, OutputStyle{false}).lines, (Lines{"\x1b[1mx\x1b[0m"}));
  EXPECT_EQ(view.lines({4, 20}, OutputStyle{true}).lines, (Lines{"\x1b[1;33;48;2;255;255;255mx\x1b[0m"}));
}

TEST(FrameDrawing, Lines_EscapeSequence_ControlCharactersRemoved) {
  FrameView view;
  view.apply(frame_of(4, 40, {{0, "a\x1b]52;c;ZXZpbA==\a\x1b[2Jb\r\nc"}}));
  EXPECT_EQ(view.lines({4, 40}, OutputStyle{}).lines, (Lines{"a]52;c;ZXZpbA==[2Jbc"}));
}

TEST(FrameDrawing, Apply_RowOutOfBounds_Ignored) {
  FrameView view;
  view.apply(frame_of(4'000'000'000U, 4'000'000'000U, {{3'999'999'999U, "x"}, {0, "kept"}}));
  EXPECT_EQ(view.lines({8, 20}, OutputStyle{}).lines, (Lines{"kept"}));
}

}  // namespace
}  // namespace jackin::client
