// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/code_typing.hpp"

#include <gtest/gtest.h>

namespace jackin::mint {
namespace {

using namespace std::chrono_literals;
using Act = CodeTyping::Act;

TEST(CodeTyping, NoCode_NothingDue) {
  CodeTyping typing(0s);
  typing.output(1s);
  typing.url_shown(1s);
  EXPECT_FALSE(typing.due());
  EXPECT_EQ(typing.act(1h), Act::nothing);
}

TEST(CodeTyping, Code_WaitsForPauseWithLimit) {
  CodeTyping typing(0s);
  typing.give();
  typing.url_shown(1s);
  typing.output(1s);
  EXPECT_EQ(typing.due(), 1300ms);
  typing.output(2900ms);  // an animated prompt
  EXPECT_EQ(typing.due(), 3s);
  EXPECT_EQ(typing.act(2999ms), Act::nothing);
  EXPECT_EQ(typing.act(3s), Act::paste);
}

TEST(CodeTyping, Code_EnteredOnceEchoed) {
  CodeTyping typing(0s);
  typing.url_shown(1s);
  typing.give();
  EXPECT_EQ(typing.act(5s), Act::paste);
  typing.output(5050ms);
  EXPECT_EQ(typing.act(5100ms), Act::nothing);
  EXPECT_EQ(typing.act(5150ms), Act::enter);
  EXPECT_EQ(typing.entered(), 5150ms);
  EXPECT_FALSE(typing.due());
}

TEST(CodeTyping, Code_NoEchoAfterThreePastes_Entered) {
  CodeTyping typing(0s);
  typing.url_shown(1s);
  typing.give();
  EXPECT_EQ(typing.act(5s), Act::paste);
  EXPECT_EQ(typing.act(6500ms), Act::paste);
  EXPECT_EQ(typing.act(8s), Act::paste);
  EXPECT_EQ(typing.act(9500ms), Act::enter);
}

TEST(CodeTyping, SecondCode_Typed) {
  CodeTyping typing(0s);
  typing.url_shown(1s);
  typing.give();
  EXPECT_EQ(typing.act(5s), Act::paste);
  typing.output(5s);
  EXPECT_EQ(typing.act(6s), Act::enter);
  typing.give();
  EXPECT_EQ(typing.act(7s), Act::paste);
}

}  // namespace
}  // namespace jackin::mint
