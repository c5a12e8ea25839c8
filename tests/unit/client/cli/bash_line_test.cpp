// A line of bash taken apart, and a word put back into it.

#include "client/cli/bash_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jackin::client {
namespace {

using testing::ElementsAre;

TEST(BashLine, IsTakenApartAsBashDoes) {
  EXPECT_THAT(read_bash_line("").words, ElementsAre(""));
  EXPECT_THAT(read_bash_line("jackinctl pro").words, ElementsAre("jackinctl", "pro"));
  EXPECT_THAT(read_bash_line("jackinctl  probe\t").words, ElementsAre("jackinctl", "probe", ""));
  EXPECT_THAT(read_bash_line(R"(j my\ app 'a "b" c' "d \"e\" \f")").words,
              ElementsAre("j", "my app", R"(a "b" c)", R"(d "e" \f)"));
  EXPECT_THAT(read_bash_line("j ''").words, ElementsAre("j", ""));
  EXPECT_THAT(read_bash_line("ls; x=1 j a").words, ElementsAre("x=1", "j", "a"));
  EXPECT_THAT(read_bash_line("a | b && j a").words, ElementsAre("j", "a"));
}

TEST(BashLine, KnowsTheQuotationMarkAtTheCursor) {
  EXPECT_EQ(read_bash_line("j 'a b").quote, '\'');
  EXPECT_EQ(read_bash_line("j \"a'b").quote, '"');
  EXPECT_EQ(read_bash_line("j 'a b' c").quote, 0);
}

TEST(BashLine, KnowsWhatBashLeavesAlone) {
  EXPECT_EQ(read_bash_line("j --store=fi").kept, 8U);
  EXPECT_EQ(read_bash_line("j --reuse os-store:a").kept, 9U);
  EXPECT_EQ(read_bash_line("j --store=fi le").kept, 0U);
  // What is quoted breaks no word.
  EXPECT_EQ(read_bash_line("j a\\:b").kept, 0U);
}

TEST(ForBash, NothingIsLeftForTheShellToExpand) {
  const auto line = read_bash_line("j ");
  EXPECT_EQ(for_bash(line, "my-app", true), "my-app ");
  EXPECT_EQ(for_bash(line, "my app", true), "my\\ app ");
  EXPECT_EQ(for_bash(line, "$(x)`y`", true), "\\$\\(x\\)\\`y\\` ");
  EXPECT_EQ(for_bash(line, "~a!*?[b]{c,d}#;&|<>'\"", true), "\\~a\\!\\*\\?\\[b\\]\\{c,d\\}\\#\\;\\&\\|\\<\\>\\'\\\" ");
  EXPECT_EQ(for_bash(line, "größe", true), "größe ");
  EXPECT_EQ(for_bash(line, "a\nb", true), std::nullopt);
  EXPECT_EQ(for_bash(line, "a\x1b[31m", true), std::nullopt);
}

TEST(ForBash, OnlyTheRestOfTheWordIsGiven) {
  EXPECT_EQ(for_bash(read_bash_line("j --store=fi"), "--store=file", true), "file ");
  EXPECT_EQ(for_bash(read_bash_line("j --reuse op"), "op://", false), "op://");
}

TEST(ForBash, InsideQuotationMarksOnlyWhatNeedsNoEscape) {
  EXPECT_EQ(for_bash(read_bash_line("j \"my"), "my app", true), "my app");
  EXPECT_EQ(for_bash(read_bash_line("j \"my"), "my $x", true), std::nullopt);
  EXPECT_EQ(for_bash(read_bash_line("j 'my"), "my $x", true), "my $x");
  EXPECT_EQ(for_bash(read_bash_line("j 'my"), "my 'x", true), std::nullopt);
}

}  // namespace
}  // namespace jackin::client
