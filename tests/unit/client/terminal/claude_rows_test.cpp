// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/claude_rows.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jackin::client {
namespace {

using Rows = std::vector<std::string>;
using Texts = std::vector<std::string>;

const std::string link =
    "https://claude.com/cai/oauth/authorize?code=true&client_id=9d1c250a-e61b-44d9-88ed-5944d1962f5e&state=uHW-_x4";

// The texts of the rows that are shown.
Texts shown(const Rows& rows, int most, const std::string& of_link = {}, std::optional<int> cursor = std::nullopt) {
  Texts texts;
  for (const int row : claude_rows(rows, cursor, most, of_link)) texts.push_back(rows[static_cast<std::size_t>(row)]);
  return texts;
}

TEST(ClaudeRows, Picture_LeftOutWithRowsAbove) {
  const Rows rows{"Welcome to Claude Code v2.1.197",
                  "......",
                  "   ░░░░   *",
                  "",
                  " ██▄█████▄██",
                  "..█ █   █ █....",
                  "",
                  " OAuth error: Invalid code.",
                  "",
                  " Press Enter to retry.",
                  "",
                  ""};
  EXPECT_EQ(shown(rows, 20), (Texts{" OAuth error: Invalid code.", "", " Press Enter to retry."}));
}

TEST(ClaudeRows, OnlyPicture_NoRows) {
  EXPECT_EQ(shown({" ██▄█████▄██", "", ""}, 20), Texts{});
  EXPECT_EQ(shown({}, 20), Texts{});
}

TEST(ClaudeRows, Link_LeftOutWithRowsAbove) {
  const Rows rows{
      " Browser didn't open? Use the url below", "", link.substr(0, 60), link.substr(60, 40), link.substr(100), "", "",
      " Paste code here if prompted >"};
  EXPECT_EQ(shown(rows, 20, link), (Texts{" Paste code here if prompted >"}));
  EXPECT_EQ(shown(rows, 20), rows);
}

TEST(ClaudeRows, LinkOverwrittenAndMasked_LeftOut) {
  // claude 2.1.197 erases the first column after a key.
  const Rows rows{" Browser didn't open?", " ttps://claude.com/cai/oauth/authorize?code=true&client_id=••••••",
                  " •••••••••••••••••••••••••••••••••••••••••••••••", " Paste code here if prompted > *"};
  EXPECT_EQ(shown(rows, 20, link), (Texts{" Paste code here if prompted > *"}));
}

TEST(ClaudeRows, TextsLikeTheLink_Kept) {
  const Rows rows{"••••••••••••", "true", "https://claude.com/other", " Paste code here >", "state"};
  EXPECT_EQ(shown(rows, 20, link), rows);
}

TEST(ClaudeRows, TooFewRows_EmptyRowsDroppedFirst) {
  const Rows rows{"a", "", "b", "", "", "c", ""};
  EXPECT_EQ(shown(rows, 6), (Texts{"a", "", "b", "", "", "c"}));
  EXPECT_EQ(shown(rows, 4), (Texts{"a", "b", "", "c"}));
  EXPECT_EQ(shown(rows, 3), (Texts{"a", "b", "c"}));
  EXPECT_EQ(shown(rows, 2), (Texts{"b", "c"}));
  EXPECT_EQ(shown(rows, 0), (Texts{"c"}));
}

TEST(ClaudeRows, TooFewRows_CursorRowKept) {
  const Rows rows{"a", "b", "c", "d", "", ""};
  EXPECT_EQ(claude_rows(rows, 1, 2, ""), (std::vector<int>{1, 2}));
  EXPECT_EQ(claude_rows(rows, 5, 2, ""), (std::vector<int>{3, 5}));
  EXPECT_EQ(claude_rows({" ██ ", "", ""}, 0, 2, ""), (std::vector<int>{0}));
}

}  // namespace
}  // namespace jackin::client
