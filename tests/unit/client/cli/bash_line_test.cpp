// SPDX-License-Identifier: Apache-2.0
// How a bash command line is split, and how a completed word is inserted into it.

#include "client/cli/bash_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jackin::client {
namespace {

using testing::ElementsAre;

// With the COMP_WORDBREAKS of Debian's bash.
BashLine read_bash_line(std::string_view line) {
  return client::read_bash_line(line, " \t\n\"'@><=;|&(:");
}

TEST(BashLine, Words_QuotesAndSeparators_SplitAsInBash) {
  EXPECT_THAT(read_bash_line("").words, ElementsAre(""));
  EXPECT_THAT(read_bash_line("jackinctl pro").words, ElementsAre("jackinctl", "pro"));
  EXPECT_THAT(read_bash_line("jackinctl  probe\t").words, ElementsAre("jackinctl", "probe", ""));
  EXPECT_THAT(read_bash_line(R"(j my\ app 'a "b" c' "d \"e\" \f")").words,
              ElementsAre("j", "my app", R"(a "b" c)", R"(d "e" \f)"));
  EXPECT_THAT(read_bash_line("j ''").words, ElementsAre("j", ""));
  EXPECT_THAT(read_bash_line("ls; x=1 j a").words, ElementsAre("x=1", "j", "a"));
  EXPECT_THAT(read_bash_line("a | b && j a").words, ElementsAre("j", "a"));
}

TEST(BashLine, Quote_OpenAtCursor_Reported) {
  EXPECT_EQ(read_bash_line("j 'a b").quote, '\'');
  EXPECT_EQ(read_bash_line("j \"a'b").quote, '"');
  EXPECT_EQ(read_bash_line("j 'a b' c").quote, 0);
}

TEST(BashLine, Kept_WordBreakCharacter_LengthOfUnreplacedPrefix) {
  EXPECT_EQ(read_bash_line("j --store=fi").kept, 8U);
  EXPECT_EQ(read_bash_line("j --reuse os-store:a").kept, 9U);
  EXPECT_EQ(read_bash_line("j --store=fi le").kept, 0U);
  EXPECT_EQ(read_bash_line("j a@b").kept, 1U) << "the @ is a part of what it completes";
  // A quoted character does not end a word, but an open quotation mark does.
  EXPECT_EQ(read_bash_line("j a\\:b").kept, 0U);
  EXPECT_EQ(read_bash_line("j 'a:b'c").kept, 0U);
  EXPECT_EQ(read_bash_line("j a:b'c").kept, 3U);
  EXPECT_EQ(read_bash_line("j my'-a").kept, 2U);
  // Without the colon in COMP_WORDBREAKS bash replaces the whole word.
  EXPECT_EQ(client::read_bash_line("j a:b", " =").kept, 0U);
}

TEST(BashLine, Redirection_NotAmongWords) {
  EXPECT_THAT(read_bash_line("j 2>/dev/null >>log a").words, ElementsAre("j", "a"));
  EXPECT_THAT(read_bash_line("j a &>log < in b").words, ElementsAre("j", "a", "b"));
  EXPECT_THAT(read_bash_line("j a2>log b").words, ElementsAre("j", "a2", "b"));
  EXPECT_FALSE(read_bash_line("j >log a").is_redirection);
  EXPECT_TRUE(read_bash_line("j >lo").is_redirection);
  EXPECT_TRUE(read_bash_line("j 2> ").is_redirection);
  EXPECT_FALSE(read_bash_line("j >log; j a").is_redirection);
}

TEST(ForBash, SpecialCharacters_EscapedOrRejected) {
  const auto line = read_bash_line("j ");
  EXPECT_EQ(for_bash(line, "my-app", true), "my-app ");
  EXPECT_EQ(for_bash(line, "my app", true), "my\\ app ");
  EXPECT_EQ(for_bash(line, "$(x)`y`", true), "\\$\\(x\\)\\`y\\` ");
  EXPECT_EQ(for_bash(line, "~a!*?[b]{c,d}#;&|<>'\"", true), "\\~a\\!\\*\\?\\[b\\]\\{c,d\\}\\#\\;\\&\\|\\<\\>\\'\\\" ");
  EXPECT_EQ(for_bash(line, "größe", true), "größe ");
  EXPECT_EQ(for_bash(line, "a\nb", true), std::nullopt);
  EXPECT_EQ(for_bash(line, "a\x1b[31m", true), std::nullopt);
}

TEST(ForBash, WordBreak_OnlyRestOfWordReturned) {
  EXPECT_EQ(for_bash(read_bash_line("j --store=fi"), "--store=file", true), "file ");
  EXPECT_EQ(for_bash(read_bash_line("j --reuse op"), "op://", false), "op://");
}

TEST(ForBash, OpenQuote_EscapeNeeded_NoCandidate) {
  EXPECT_EQ(for_bash(read_bash_line("j \"my"), "my app", true), "my app");
  EXPECT_EQ(for_bash(read_bash_line("j \"my"), "my $x", true), std::nullopt);
  EXPECT_EQ(for_bash(read_bash_line("j 'my"), "my $x", true), "my $x");
  EXPECT_EQ(for_bash(read_bash_line("j 'my"), "my 'x", true), std::nullopt);
}

}  // namespace
}  // namespace jackin::client
