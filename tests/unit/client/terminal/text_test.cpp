// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/text.hpp"

#include <gtest/gtest.h>
namespace jackin::client {

TEST(Text, Drawable_PrintableAndBlanks_Kept) {
  EXPECT_EQ(drawable("  a b  "), "  a b  ");
  EXPECT_EQ(drawable("grün 漢字 ✓"), "grün 漢字 ✓");
}

TEST(Text, Drawable_ControlCharacters_Removed) {
  EXPECT_EQ(drawable("a\x1b[2Jb\r\n\tc\x7f"), "a[2Jbc");
  EXPECT_EQ(drawable("a\xc2\x9b"
                     "31mb"),
            "a31mb");  // the one-character form of ESC [
  EXPECT_EQ(drawable("a\xe2\x80\xae"
                     "b\xef\xbb\xbf"),
            "ab");  // right-to-left override, byte order mark
}

TEST(Text, Drawable_InvalidUtf8_Removed) {
  EXPECT_EQ(drawable("a\xff\xc0\x80\xed\xa0\x80"
                     "b\xe2\x82"),
            "ab");
}

TEST(Text, DisplayWidth_EachKindOfCharacter_Columns) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("ü✓"), 2);
  EXPECT_EQ(display_width("漢字"), 4);
  EXPECT_EQ(display_width("e\xcc\x81"), 1);
  EXPECT_EQ(display_width("🎉"), 2);
}

TEST(Text, DisplayWidth_WideSymbolsInEveryBlock_Two) {
  for (const char* text : {"⭐", "✅", "⚡", "❌", "⌚", "➕", "🀄", "🈁", "🟢"}) {
    EXPECT_EQ(display_width(text), 2) << text;
  }
  // Neighbours of the wide ones.
  for (const char* text : {"✓", "★", "▸", "●", "─", "❯"}) EXPECT_EQ(display_width(text), 1) << text;
}

TEST(Text, DisplayWidth_CombiningInEveryScript_None) {
  // Thai, Devanagari, a vowel of Hangul, Hebrew, Arabic, Tibetan, Khmer.
  for (const char* text :
       {"\u0e31", "\u0e34", "\u094d", "\u1160", "\u05bf", "\u0670", "\u0f71", "\u17b7", "\U0001e8d0"}) {
    EXPECT_EQ(display_width(text), 0) << text;
  }
  EXPECT_EQ(display_width("\u0e01\u0e31"), 1);
  EXPECT_EQ(display_width("\u0e01\u0e33"), 2);
}

TEST(Text, Cut_WideCharacter_NotSplit) {
  EXPECT_EQ(cut_to("漢字", 3), "漢");
  EXPECT_EQ(shortened("漢字漢", 4), "漢…");
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "ab…");
  EXPECT_EQ(shortened("abcd", 0), "");
  EXPECT_EQ(padded("漢", 4), "漢  ");
}

}  // namespace jackin::client
