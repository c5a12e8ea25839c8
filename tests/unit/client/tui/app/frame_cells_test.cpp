// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/frame_cells.hpp"

#include <gtest/gtest.h>

namespace jackin::tui {
namespace {

v1::Frame frame_of(std::uint32_t rows, std::uint32_t columns) {
  v1::Frame frame;
  frame.mutable_size()->set_rows(rows);
  frame.mutable_size()->set_columns(columns);
  return frame;
}

v1::StyledRun& add_run(v1::Frame& frame, std::uint32_t row, const std::string& text) {
  v1::FrameRow& added = *frame.add_rows();
  added.set_row(row);
  v1::StyledRun& run = *added.add_runs();
  run.set_text(text);
  return run;
}

TEST(FrameCells, SecondFrame_UnchangedRowsKept) {
  FrameCells screen;
  v1::Frame first = frame_of(120, 40);
  add_run(first, 0, "one");
  add_run(first, 2, "three").mutable_foreground()->set_rgb(0xd77757);
  screen.apply(first);
  v1::Frame second = frame_of(120, 40);
  add_run(second, 0, "ONE");
  screen.apply(second);
  const Cells cells = screen.cells();
  EXPECT_EQ(cells.size(), (CellSize{3, 40}));
  EXPECT_EQ(cells.text_of(0), "ONE");
  EXPECT_EQ(cells.text_of(2), "three");
  EXPECT_EQ(cells.at(2, 0).style.foreground, (CellColor{CellColor::Kind::rgb, 0xd77757}));
}

TEST(FrameCells, SizeChanged_OldRowsDropped) {
  FrameCells screen;
  v1::Frame first = frame_of(120, 40);
  add_run(first, 5, "text");
  screen.apply(first);
  screen.apply(frame_of(120, 50));
  EXPECT_EQ(screen.cells().size(), (CellSize{1, 50}));
}

TEST(FrameCells, CursorBelowText_RowsUpToCursor) {
  FrameCells screen;
  v1::Frame frame = frame_of(120, 40);
  frame.set_cursor_row(4);
  frame.set_cursor_column(7);
  frame.set_cursor_visible(true);
  screen.apply(frame);
  EXPECT_EQ(screen.cells().size().rows, 1);
  EXPECT_EQ(screen.cells().cursor, (CellPosition{0, 7}));
}

TEST(FrameCells, Picture_LeftOutWithAllAboveIt) {
  FrameCells screen;
  v1::Frame frame = frame_of(120, 40);
  add_run(frame, 0, "Welcome to Claude Code v2.1.197");
  add_run(frame, 4, "..\u2588 \u2588   \u2588 \u2588....");
  add_run(frame, 6, " Paste code here if prompted > ");
  frame.set_cursor_row(6);
  frame.set_cursor_column(31);
  frame.set_cursor_visible(true);
  screen.apply(frame);
  const Cells cells = screen.cells();
  EXPECT_EQ(cells.size(), (CellSize{1, 40}));
  EXPECT_EQ(cells.text_of(0), " Paste code here if prompted >");
  EXPECT_EQ(cells.cursor, (CellPosition{0, 31}));
}

TEST(FrameCells, BarWithoutText_RowKept) {
  FrameCells screen;
  v1::Frame frame = frame_of(120, 40);
  add_run(frame, 0, "one");
  add_run(frame, 1, "   ").set_reverse(true);
  screen.apply(frame);
  EXPECT_EQ(screen.cells().size().rows, 2);
}

TEST(FrameCells, HugeSizeAndControlCharacters_LimitedAndDrawable) {
  FrameCells screen;
  v1::Frame frame = frame_of(4000000000, 4000000000);
  add_run(frame, 0,
          "a\x1b]52;c;eA==\x07"
          "b\r\n\xff");
  add_run(frame, 3999999999, "far");
  frame.set_cursor_row(4000000000);
  frame.set_cursor_visible(true);
  screen.apply(frame);
  const Cells cells = screen.cells();
  EXPECT_LE(cells.size().rows, 1000);
  EXPECT_EQ(cells.text_of(0), "a]52;c;eA==b");
  EXPECT_FALSE(cells.cursor);
}

}  // namespace
}  // namespace jackin::tui
