// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/token_capture.hpp"

#include <gtest/gtest.h>

#include "tests/unit/mint/artist.hpp"

namespace jackin::mint {
namespace {

class Capture : public testing::Test {
 protected:
  void show(Screen& screen, const std::vector<std::string>& rows) {
    for (const auto& row : rows) write(screen, row + "\r\n");
  }
  void write(Screen& screen, std::string_view bytes) {
    screen.write({bytes.data(), bytes.size()});
    capture.observe(screen);
  }
  std::string found() const {
    return capture.found() ? std::string(capture.found()->token.view()) : std::string("(none)");
  }

  test::Random random{7};
  std::string token = test::random_token(random);
  TokenCapture capture;
};

TEST_F(Capture, AnyWidth_TokenFound) {
  for (int columns = 20; columns <= 200; ++columns) {
    for (int indent = 0; indent <= 3; ++indent) {
      Screen screen({24, columns});
      capture = {};
      show(screen, test::wrapped(token, columns, indent));
      ASSERT_EQ(found(), token) << columns << " columns, indented by " << indent;
      EXPECT_TRUE(capture.found_whole());
    }
  }
}

TEST_F(Capture, WrappedByTerminal_TokenFound) {
  Screen screen({24, 50});
  write(screen, "Your token: " + token + "\r\n");
  EXPECT_EQ(found(), token);
}

TEST_F(Capture, WordBelowFullRow_NotAppended) {
  for (const int columns : {27, 36, 54, 108}) {
    Screen screen({24, columns});
    capture = {};
    show(screen, test::wrapped(token + "", columns, 0));
    show(screen, {"Store this token"});
    EXPECT_EQ(found(), token) << columns;
  }
}

TEST_F(Capture, TextBehindToken_NotWhole) {
  Screen screen({24, 200});
  write(screen, token + "oldtext");
  EXPECT_FALSE(capture.found_whole());
  write(screen, "\x1b[1;109H\x1b[K");
  EXPECT_EQ(found(), token);
  EXPECT_TRUE(capture.found_whole());
}

TEST_F(Capture, ScreenClearedOrCut_TokenKept) {
  Screen screen({24, 80});
  show(screen, test::wrapped(token, 80, 1));
  screen.resize(30);
  capture.observe(screen);
  EXPECT_EQ(found(), token);
  write(screen, "\x1b[2J\x1b[H");
  EXPECT_EQ(found(), token);
}

TEST_F(Capture, TwoTokens_LaterTaken) {
  Screen screen({24, 80});
  const auto other = test::random_token(random);
  show(screen, test::wrapped(token, 80, 1));
  show(screen, {"", ""});
  show(screen, test::wrapped(other, 80, 1));
  EXPECT_EQ(found(), other);
}

TEST_F(Capture, ScrolledOff_TokenFound) {
  Screen screen({5, 40});
  show(screen, test::wrapped(token, 40, 1));
  for (int i = 0; i < 20; ++i) write(screen, "more\r\n");
  EXPECT_EQ(found(), token);
}

TEST_F(Capture, UnknownShape_Reported) {
  for (const auto& odd : {"sk-ant-oat02-" + token.substr(13), token.substr(0, 60), token + token.substr(20, 40)}) {
    Screen screen({24, 80});
    capture = {};
    show(screen, test::wrapped(odd, 80, 1));
    show(screen, {"", " Store this token."});
    EXPECT_EQ(found(), odd);
    EXPECT_FALSE(capture.found_whole());
  }
}

TEST_F(Capture, OtherEnding_UnknownShape) {
  const auto odd = token.substr(0, token.size() - 1) + "B";
  ASSERT_EQ(odd.size(), 108U);
  for (const int columns : {40, 108, 200}) {
    Screen screen({24, columns});
    capture = {};
    show(screen, test::wrapped(odd, columns, 0));
    show(screen, {"", "Store this token."});
    EXPECT_EQ(found(), odd) << columns;
    EXPECT_FALSE(capture.found_whole()) << columns;
  }
}

TEST_F(Capture, LettersSetApart_Sighted) {
  for (const auto* start :
       {"s k - a n t - o a t", "s.k.-.a.n.t.-.o.a.t", "sk-a nt-o at", "S K - A N T - O A T",
        "s\u0301k\u0301-ant-o\u0301at", "s\u200bk\u200b-\u200bant\u200b-oat",
        "\uff53\uff4b\uff0d\uff41\uff4e\uff54\uff0d\uff4f\uff41\uff54", "sk-an\r\n\r\n   t-oat", "s|k|a|n|t|o|a|t"}) {
    Screen screen({24, 80});
    capture = {};
    write(screen, start);
    EXPECT_TRUE(capture.sighted()) << start;
    EXPECT_EQ(found(), "(none)");
  }
}

TEST_F(Capture, CombiningCharacters_ReadThrough) {
  for (const auto* mark : {"\u0301", "\u200b", "\u2060"}) {
    Screen screen({24, 80});
    capture = {};
    std::string drawn;
    for (const char c : token) drawn += std::string(1, c) + mark;
    write(screen, drawn + "\r\n");
    EXPECT_EQ(found(), token);
  }
}

TEST_F(Capture, UnknownShapeThenWhole_WholeKept) {
  Screen screen({24, 80});
  const auto rows = test::wrapped(token, 80, 1);
  write(screen, rows[0] + "\r\n");
  EXPECT_FALSE(capture.found_whole());
  write(screen, rows[1] + "\r\n");
  EXPECT_EQ(found(), token);
  write(screen, "\x1b[1;40H*****");
  EXPECT_EQ(found(), token) << "and keeps it when it is overdrawn";
}

TEST_F(Capture, FalseStarts_TokenFound) {
  for (const std::string noise : {"s", "sk", "sk-", "sk-an", "s |", "x"}) {
    Screen screen({120, 120});
    capture = {};
    std::string much;
    while (much.size() < 40000) much += noise;
    write(screen, much + "\r\n\r\n" + token + "\r\n\r\n" + much.substr(0, 1200));
    EXPECT_EQ(found(), token) << noise;
  }
}

TEST_F(Capture, Prefix_Sighted) {
  Screen screen({24, 80});
  write(screen, "Use this token by setting: export CLAUDE_CODE_OAUTH_TOKEN=<token>");
  write(screen, "\r\n task sk-an");
  EXPECT_FALSE(capture.sighted());
  write(screen, "t-");
  EXPECT_TRUE(capture.sighted());
  write(screen, "\x1b[2J");
  EXPECT_TRUE(capture.sighted()) << "for good";
  EXPECT_EQ(found(), "(none)");
}

}  // namespace
}  // namespace jackin::mint
