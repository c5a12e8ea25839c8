// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/app.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jackin::tui {
namespace {

using client::Departure;
using Lines = std::vector<std::string>;

Lines lines_of(const TokenSessions::End& end) {
  const Quit quit{{{1, "the new token of my-app"}}, {}};
  return farewell_lines(quit, {{1, end}});
}

TEST(FarewellLines, DetachedOperation_SaysThatTheDaemonFinishesIt) {
  EXPECT_EQ(lines_of({Departure::detached, true, false, {}}),
            Lines{"jackind finishes the new token of my-app by itself"});
}

TEST(FarewellLines, UnconfirmedCancel_NamesTheCommandForTheResult) {
  EXPECT_EQ(lines_of({Departure::unconfirmed, false, false, {}}),
            Lines{"asked jackind to stop the new token of my-app; jackinctl operations shows the result"});
}

TEST(FarewellLines, OpenQuestion_SaysThatItIsUnanswered) {
  EXPECT_EQ(
      lines_of({Departure::unconfirmed, true, false, {}}),
      Lines{
          "left the question about the new token of my-app without an answer; jackinctl operations shows the result"});
}

TEST(FarewellLines, EndedOperation_SaysTheOutcome) {
  EXPECT_EQ(lines_of({Departure::none, true, true, {}}), Lines{"the new token of my-app is done"});
  const Error error{Reason::cancelled, "cancelled; nothing was changed", {}};
  EXPECT_EQ(lines_of({Departure::none, false, false, error}),
            Lines{"the new token of my-app: cancelled; nothing was changed"});
}

TEST(FarewellLines, OtherLines_AfterTheOperations) {
  const Quit quit{{{1, "the new token of a"}, {2, "the new token of b"}}, {"did not begin the new token of c"}};
  const Lines lines = farewell_lines(quit, {{1, {Departure::detached, true, false, {}}}});
  EXPECT_EQ(lines, (Lines{"jackind finishes the new token of a by itself", "did not begin the new token of c"}));
}

}  // namespace
}  // namespace jackin::tui
