// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/wrapped_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jackin::mint {
namespace {

void draw(Screen& screen, std::string_view bytes) {
  screen.write({bytes.data(), bytes.size()});
}

TEST(Fragments, WrappedText_CharactersByNumber) {
  Screen screen({24, 20});
  std::string text;
  for (int i = 0; i < 50; ++i) text += static_cast<char>('A' + i % 26);
  draw(screen, text + "\r\n");
  const auto followed = follow(screen, 0, 0, is_token_character);
  ASSERT_EQ(followed.size(), 50);
  ASSERT_EQ(followed.fragments().size(), 3U);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(followed[i], static_cast<char32_t>(text[static_cast<std::size_t>(i)])) << i;
  }
  EXPECT_EQ(followed[50], U'\0');
}

TEST(Fragments, Follow_LongestText) {
  Screen screen({120, 100});
  draw(screen, std::string(longest_text - 100, 'x') + "\r\n");
  EXPECT_EQ(follow_full_rows(screen, 0, 0, is_token_character).size(), longest_text - 100);
  EXPECT_EQ(follow(screen, 0, 0, is_token_character).size(), longest_text - 100);
}

// Otherwise each reader would read a screen full of letters once for every row.
TEST(Fragments, Follow_LongerText_Stops) {
  Screen screen({120, 100});
  draw(screen, std::string(11000, 'x'));
  EXPECT_EQ(follow_full_rows(screen, 0, 0, is_token_character).size(), longest_text);
  EXPECT_EQ(follow(screen, 0, 0, is_token_character).size(), longest_text);
  EXPECT_EQ(follow(screen, 0, 0, is_token_character, 7).size(), 100) << "whole rows";
}

TEST(Fragments, ScreenFullOfLetters_EveryRowRead) {
  Screen screen({30, 40});
  draw(screen, std::string(1200, 'x'));
  for (int line = screen.first_row(); line < screen.lines(); ++line) {
    EXPECT_EQ(screen.row(line), std::u32string(40, U'x')) << line;
  }
}

}  // namespace
}  // namespace jackin::mint
