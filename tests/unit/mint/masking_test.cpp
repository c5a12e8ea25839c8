// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/masking.hpp"

#include <gtest/gtest.h>

#include "daemon/mint/frame.hpp"
#include "tests/unit/mint/artist.hpp"

namespace jackin::mint {
namespace {

std::vector<std::string> shown(const Screen& screen, const std::vector<std::string>& urls = {}) {
  std::vector<std::string> rows;
  for (const auto& row : frame_of(screen, mask_for(screen, urls)).rows) {
    std::string text;
    for (const auto& run : row) text += run.text;
    rows.push_back(text);
  }
  return rows;
}

std::string shown_first(std::string_view bytes, int columns = 80) {
  Screen screen({24, columns});
  screen.write({bytes.data(), bytes.size()});
  return shown(screen)[0];
}

std::string dots(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "\u2022";
  return text;
}

TEST(Masking, OrdinaryText_Shown) {
  for (const auto* text :
       {"Browser didn't open? Use the url below to sign in (c to copy)", "Paste code here if prompted > ********",
        "OAuth error: Invalid code. Please make sure the full code was copied", "Welcome to Claude Code v2.1.197",
        "Use this token by setting: export CLAUDE_CODE_OAUTH_TOKEN=<token>", "Long-lived authentication-token",
        "connect ECONNREFUSED 127.0.0.1:38917", "task-force desk-top setup-token"}) {
    EXPECT_EQ(shown_first(text), text);
  }
}

TEST(Masking, CredentialPrefix_Hidden) {
  EXPECT_EQ(shown_first("sk-"), dots(3));
  EXPECT_EQ(shown_first("Token: sk-ant"), "Token: " + dots(6));
  EXPECT_EQ(shown_first("oldsk-a"), "old" + dots(4));
  EXPECT_EQ(shown_first("oldsk-ant-api"), dots(13));
  EXPECT_EQ(shown_first("wordnt-oatword"), dots(14)) << "drawn from its middle";
  EXPECT_EQ(shown_first("TOKEN=sk-ant-oat01-short,"), "TOKEN=" + dots(18) + ",");
}

TEST(Masking, OpaqueRunWithoutPrefix_Hidden) {
  test::Random random(5);
  const auto token = test::random_token(random).substr(13);
  EXPECT_EQ(shown_first(token, 120), dots(token.size()));
  EXPECT_EQ(shown_first("id 9d1c250a-e61b-44d9 is"), "id " + dots(18) + " is");
  EXPECT_EQ(shown_first("x7Ka9Q"), dots(6));
}

TEST(Masking, CombiningCharacters_LettersStillSeen) {
  EXPECT_EQ(shown_first("x7K\u0301a9Q"), dots(6));
  EXPECT_EQ(shown_first("s\u0301k-a\u200bnt"), dots(6));
  EXPECT_EQ(shown_first("un cafe\u0301 noir"), "un cafe\u0301 noir");
}

TEST(Masking, FullWidthLetters_Hidden) {
  EXPECT_EQ(shown_first("a \uff58\uff17 b"), "a " + dots(4) + " b");
}

TEST(Masking, RunOverTwoRows_Hidden) {
  Screen screen({24, 30});
  const std::string text = "      here it is: Xa7-b9Q-d81\r\n Ab3 ";
  screen.write({text.data(), text.size()});
  const auto rows = shown(screen);
  EXPECT_EQ(rows[0], "      here it is: " + dots(11));
  EXPECT_EQ(rows[1], " " + dots(3) + " ");
}

TEST(Masking, ConsentUrl_Shown) {
  test::Random random(9);
  const auto url = test::random_authorize_url(random);
  Screen screen({24, 80});
  const std::string text = url + "\r\n";
  screen.write({text.data(), text.size()});
  for (const auto& urls : {std::vector<std::string>{}, std::vector<std::string>{url}}) {
    const auto rows = shown(screen, urls);
    EXPECT_EQ(rows[0] + rows[1] + rows[2] + rows[3] + rows[4], url);
  }
}

TEST(Masking, TextDrawnOverUrl_Hidden) {
  test::Random random(11);
  const auto url = test::random_authorize_url(random);
  const auto fragment = test::random_token(random).substr(60, 30);
  Screen screen({24, 80});
  const std::string text = url + "\r\n\x1b[4;1H" + fragment;
  screen.write({text.data(), text.size()});
  const auto rows = shown(screen, {url});
  EXPECT_EQ(rows[0] + rows[1] + rows[2], url.substr(0, 240));
  EXPECT_TRUE(rows[3].starts_with(dots(30))) << rows[3];
}

TEST(Frame, ControlCharacters_Removed) {
  EXPECT_EQ(shown_first("a\u202eb\u200fc"), "abc");
  EXPECT_EQ(shown_first("e\u0301\u4e16!"), "e\u0301\u4e16!");
}

TEST(Frame, TallScreen_LastRowsShown) {
  Screen screen({40, 80});
  std::string text = "\x1b[?25l";
  for (int i = 0; i < 20; ++i) text += "row " + std::to_string(i) + "\r\n";
  screen.write({text.data(), text.size()});
  const auto frame = frame_of(screen, Mask(screen.size()), 10);
  EXPECT_EQ(frame.size, (TerminalSize{10, 80}));
  ASSERT_EQ(frame.rows.size(), 10U);
  EXPECT_EQ(frame.rows[0].at(0).text, "row 11");
  EXPECT_EQ(frame.rows[8].at(0).text, "row 19");
  EXPECT_EQ(frame.cursor, (Screen::Cursor{9, 0, false}));
}

TEST(Frame, Difference_Same_Empty) {
  Screen screen({24, 80});
  const auto frame = frame_of(screen, Mask(screen.size()));
  EXPECT_TRUE(difference(&frame, frame).rows.empty());
  EXPECT_EQ(difference(nullptr, frame).rows.size(), 24U);
}

TEST(Frame, Difference_ChangedRowsOnly) {
  Screen screen({24, 80});
  const auto before = frame_of(screen, Mask(screen.size()));
  const std::string text = "\x1b[3;1H\x1b[1mbold\x1b[m plain";
  screen.write({text.data(), text.size()});
  const auto update = difference(&before, frame_of(screen, Mask(screen.size())));
  ASSERT_EQ(update.rows.size(), 1U);
  EXPECT_EQ(update.rows[0].row, 2);
  Style bold;
  bold.bold = true;
  EXPECT_EQ(update.rows[0].runs, (std::vector<StyledRun>{{"bold", bold}, {" plain", {}}}));
}

}  // namespace
}  // namespace jackin::mint
