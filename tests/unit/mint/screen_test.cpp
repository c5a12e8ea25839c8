// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/screen.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jackin::mint {
namespace {

std::string row(const Screen& screen, int number) {
  std::string text;
  for (int column = 0; column < screen.size().columns; ++column) {
    text += static_cast<char>(screen.character(screen.first_row() + number, column));
  }
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

void write(Screen& screen, std::string_view bytes) {
  screen.write({bytes.data(), bytes.size()});
}

TEST(Screen, Queries_Answered) {
  Screen screen({24, 80});
  const auto reply = [&](std::string_view question) {
    write(screen, question);
    return screen.take_replies();
  };
  EXPECT_THAT(reply("\x1b[c"), testing::StartsWith("\x1b[?"));
  EXPECT_THAT(reply("\x1b[>c"), testing::StartsWith("\x1b[>"));
  EXPECT_EQ(reply("\x1b[5n"), "\x1b[0n");
  EXPECT_EQ(reply("\x1b[3;4H\x1b[6n"), "\x1b[3;4R");
  EXPECT_THAT(reply("\x1b[>0q"), testing::StartsWith("\x1bP>|jackind("));
  EXPECT_THAT(reply("\x1b[>q"), testing::StartsWith("\x1bP>|jackind("));
  EXPECT_EQ(reply("\x1b[?u"), "\x1b[?0u");
  EXPECT_THAT(reply("\x1b]11;?\x1b\\"), testing::StartsWith("\x1b]11;rgb:"));
  EXPECT_THAT(reply("\x1b]10;?\x07"), testing::StartsWith("\x1b]10;rgb:"));
  EXPECT_THAT(reply("\x1b[?2026$p"), testing::StartsWith("\x1b[?2026;"));
  EXPECT_EQ(screen.take_replies(), "") << "each reply once";
}

TEST(Screen, Query_ByteByByte_Answered) {
  Screen screen({24, 80});
  for (const char byte : std::string_view("\x1b]11;?\x1b\\\x1b[>0q")) screen.write({&byte, 1});
  const auto replies = screen.take_replies();
  EXPECT_THAT(replies, testing::HasSubstr("]11;rgb:"));
  EXPECT_THAT(replies, testing::HasSubstr("P>|jackind("));
}

TEST(Screen, ScrolledRows_Kept) {
  Screen screen({5, 20});
  for (int i = 0; i < 10; ++i) write(screen, "row " + std::to_string(i) + "\r\n");
  EXPECT_EQ(screen.lines(), 6 + 5);
  EXPECT_EQ(screen.first_row(), 6);
  EXPECT_EQ(row(screen, -6), "row 0");
  EXPECT_EQ(row(screen, 0), "row 6");
}

TEST(Screen, ScrolledRows_Limited) {
  Screen screen({5, 20});
  for (int i = 0; i < 5000; ++i) write(screen, std::to_string(i) + "\r\n");
  EXPECT_EQ(screen.first_row(), 200);
  EXPECT_EQ(row(screen, -1), "4995");
}

TEST(Screen, CharacterSplitOverWrites_Drawn) {
  const std::string text = "a\u00e9\u4e16 \uff53\U0001f600x e\u0301";
  Screen whole({5, 20});
  write(whole, text);
  for (std::size_t most = 1; most < text.size(); ++most) {
    Screen split({5, 20});
    for (std::size_t at = 0; at < text.size(); at += most) write(split, text.substr(at, most));
    EXPECT_EQ(split.row(0), whole.row(0)) << most;
  }
  EXPECT_EQ(whole.character(0, 5), U'\uff53');
}

TEST(Screen, Characters_EveryKind) {
  Screen screen({5, 20});
  write(screen, "a\u4e16e\u0301b");
  EXPECT_EQ(screen.cell(0, 0).code_points[0], U'a');
  EXPECT_EQ(screen.cell(0, 1).width, 2);
  EXPECT_EQ(screen.cell(0, 2).width, 0);
  EXPECT_EQ(screen.cell(0, 3).code_points[1], U'\u0301');
  EXPECT_EQ(screen.character(0, 3), U'e') << "what is drawn onto it is left out";
  EXPECT_EQ(screen.character(0, 4), U'b');
  EXPECT_EQ(screen.character(0, 5), U' ');
}

TEST(Screen, Styles_Kept) {
  Screen screen({5, 20});
  write(screen, "\x1b[1;3;4;7;9;38;5;220;48;2;1;2;3mX\x1b[mY");
  const Style styled = screen.cell(0, 0).style;
  EXPECT_TRUE(styled.bold && styled.italic && styled.underline && styled.reverse && styled.strike);
  EXPECT_EQ(styled.foreground, Color(PaletteColor{220}));
  EXPECT_EQ(styled.background, Color(RgbColor{0x010203}));
  EXPECT_EQ(screen.cell(0, 1).style, Style{});
}

TEST(Screen, Paste_AsProgramRequests) {
  Screen screen({5, 20});
  EXPECT_EQ(screen.as_paste("code#state").view(), "code#state");
  write(screen, "\x1b[?2004h");
  EXPECT_EQ(screen.as_paste("code#state").view(), "\x1b[200~code#state\x1b[201~");
  EXPECT_EQ(screen.as_paste("a\x1b[201~\r\nb").view(), "\x1b[200~a[201~b\x1b[201~") << "a paste cannot press keys";
  write(screen, "\x1b[?2004l\x1b[c");
  EXPECT_EQ(screen.as_paste("code").view(), "code");
  EXPECT_THAT(screen.take_replies(), testing::StartsWith("\x1b[?")) << "replies that waited are still there";
}

TEST(Screen, Size_OutOfRange_Clamped) {
  Screen screen({0, -3});
  EXPECT_EQ(screen.size(), (TerminalSize{5, 20}));
  screen.resize(100'000);
  EXPECT_EQ(screen.size(), (TerminalSize{5, 1000}));
}

TEST(Screen, Cursor_PositionAndVisibility) {
  Screen screen({5, 20});
  write(screen, "\x1b[?25l\x1b[2;3H");
  EXPECT_EQ(screen.cursor(), (Screen::Cursor{1, 2, false}));
  write(screen, "\x1b[?25h");
  EXPECT_TRUE(screen.cursor().visible);
}

}  // namespace
}  // namespace jackin::mint
