// SPDX-License-Identifier: Apache-2.0
#include "common/pasted_credential.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/remedy_command.hpp"

namespace jackin {
namespace {

// A made-up token of the known shape.
const std::string token = "sk-ant-oat01-" + std::string(93, 'x') + "AA";

TEST(PastedCredential, AnyForm_Found) {
  for (const std::string& text : std::vector<std::string>{
           token, "x" + token, "sk-ant-api03-abc", "s k - a n t - o a t 0 1 - x", "URL=sk-ant-ort01-abc",
           "flask-ant-design sk-ant-api03-abc", "sk%2Dant%2Doat01%2Dxyz", "sk\u200b-ant-oat01-xyz"}) {
    EXPECT_TRUE(shows_credential(text)) << text;
  }
}

TEST(PastedCredential, OrdinaryNames_NotFound) {
  for (const std::string text : {"", "my-app", "sk-ant", "task-antenna", "flask-ant-design", "task-ant-runner",
                                 "task-ant-demo01-x", "sk-ant-design", "sk-ant-01-x", "sk-ant-api3-x",
                                 "/home/me/src/sk/ant/project", "op://Work/Claude/token", "Claude {ws}", "s\xff\xfe"}) {
    EXPECT_FALSE(shows_credential(text)) << text;
  }
}

TEST(PastedCredential, Error_SaysLeakedAndQuotesNothing) {
  EXPECT_TRUE(expect_no_credential("the vault", "Work"));
  const auto refused = expect_no_credential("the vault", token);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::invalid_argument);
  EXPECT_EQ(refused.error().message.rfind("the vault contains a Claude credential, which counts as leaked", 0), 0U);
  const std::string all = refused.error().message + command_line(refused.error().remedy);
  EXPECT_EQ(all.find("xxx"), std::string::npos) << all;
}

}  // namespace
}  // namespace jackin
