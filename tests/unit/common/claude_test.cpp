// SPDX-License-Identifier: Apache-2.0
#include "common/claude.hpp"

#include <gtest/gtest.h>

namespace jackin {
namespace {

const std::string whole = std::string(token_prefix) + std::string(91, 'x') + "-_AA";

TEST(TokenShape, Whole_Recognised) {
  EXPECT_EQ(whole.size(), token_length);
  EXPECT_EQ(shape_of(whole), TokenShape::whole);
  EXPECT_EQ(shape_problem(whole), "");
}

TEST(TokenShape, Truncated_NotAToken) {
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(shape_of(whole.substr(0, length)), TokenShape::not_a_token) << length;
    EXPECT_NE(shape_problem(whole.substr(0, length)), "") << length;
  }
}

TEST(TokenShape, OtherLengthEndingOrNumber_Unknown) {
  EXPECT_EQ(shape_of(whole + "x"), TokenShape::unknown);
  EXPECT_EQ(shape_of(whole.substr(0, 106) + "AB"), TokenShape::unknown);
  EXPECT_EQ(shape_of("sk-ant-oat02-" + std::string(60, 'y')), TokenShape::unknown);
  EXPECT_NE(shape_problem(whole + "x"), "");
}

TEST(TokenShape, CommonMistakes_Distinguished) {
  const auto says = [](const std::string& text, std::string_view part) {
    EXPECT_EQ(shape_of(text), TokenShape::not_a_token) << part;
    EXPECT_NE(shape_problem(text).find(part), std::string::npos) << shape_problem(text);
  };
  says("", "empty");
  says(whole.substr(0, 79), "79 of 108");
  says("sk-ant-api03-" + std::string(95, 'x'), "API key");
  says("sk-ant-ort01-" + std::string(95, 'x'), "refresh token");
  says("\"" + whole + "\"", "quotes");
  says(whole.substr(0, 60) + "\n" + whole.substr(60), "line end");
  says(" " + whole, "blanks around it");
  says("ghp_" + std::string(104, 'x'), "expected sk-ant-oat");
  says(whole.substr(0, 100) + "é" + whole.substr(102), "characters that are not valid in a token");
}

TEST(TokenShape, Problem_QuotesNothingOfToken) {
  for (const std::string& text :
       {whole.substr(0, 79), whole + "x", "\"" + whole, std::string("sk-ant-api03-xxxxxxxxxxxx")}) {
    EXPECT_EQ(shape_problem(text).find("xxx"), std::string::npos) << shape_problem(text);
  }
}

}  // namespace
}  // namespace jackin
