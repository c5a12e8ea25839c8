// SPDX-License-Identifier: Apache-2.0
#include "client/hook/daemon_calls.hpp"

#include <gtest/gtest.h>

namespace jackin::client {
namespace {

TEST(LaunchPlan, Token_MovedAndReplyWiped) {
  v1::PrepareReply reply;
  reply.set_token(std::string(108, 't'));
  const char* bytes = reply.token().data();
  auto plan = take_plan(reply);
  ASSERT_TRUE(plan);
  ASSERT_TRUE(plan->token);
  EXPECT_EQ(plan->token->view(), std::string(108, 't'));
  // The message still owns the buffer, whose content is wiped.
  EXPECT_EQ(reply.token().data(), bytes);
  EXPECT_EQ(std::string(bytes, 108), std::string(108, '\0'));
}

TEST(LaunchPlan, ReplyWithoutToken_NoToken) {
  v1::PrepareReply reply;
  reply.mutable_probe()->set_mode(v1::AUTH_MODE_SYNC);
  reply.add_unset("CLAUDE_CODE_OAUTH_TOKEN");
  auto plan = take_plan(reply);
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->token);
  EXPECT_EQ(plan->unset, std::vector<std::string>{"CLAUDE_CODE_OAUTH_TOKEN"});
}

TEST(LaunchPlan, FileRules_AllConverted) {
  using Rule = ProvisionFile::Rule;
  v1::PrepareReply reply;
  auto& files = *reply.mutable_onboarding()->mutable_files();
  files.Add()->set_content("a");
  files.Add()->set_absent(true);
  files.Add()->set_content_if_missing("b");
  files.Add()->set_keep(true);
  auto plan = take_plan(reply);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->files.size(), 4U);
  EXPECT_EQ(plan->files[0].rule, Rule::exactly);
  EXPECT_EQ(plan->files[0].content.view(), "a");
  EXPECT_EQ(plan->files[1].rule, Rule::absent);
  EXPECT_EQ(plan->files[2].rule, Rule::if_missing);
  EXPECT_EQ(plan->files[2].content.view(), "b");
  EXPECT_EQ(plan->files[3].rule, Rule::keep);
}

TEST(LaunchPlan, FileWithoutRule_Rejected) {
  v1::PrepareReply reply;
  reply.mutable_onboarding()->add_files()->set_name("account.json");
  const auto plan = take_plan(reply);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().reason, Reason::internal);
}

}  // namespace
}  // namespace jackin::client
