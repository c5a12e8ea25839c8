// SPDX-License-Identifier: Apache-2.0
#include "client/core/managed_tokens.hpp"

#include <gtest/gtest.h>

namespace jackin::client {
namespace {

v1::ProbeReply& add(v1::OverviewReply& overview, const std::string& workspace, const std::string& role = {}) {
  v1::ProbeReply& probe = *overview.add_scopes();
  probe.mutable_scope()->set_workspace(workspace);
  probe.mutable_scope()->set_role(role);
  probe.set_mode(v1::AUTH_MODE_OAUTH_TOKEN);
  probe.set_source("file ~/x");
  probe.set_source_kind(v1::SOURCE_KIND_FILE);
  return probe;
}

// Adds a group of the scopes at these positions of the overview and, with `with_global`, of the global scope.
void share(v1::OverviewReply& overview, std::initializer_list<int> places, bool with_global = false) {
  v1::SharingGroup& group = *overview.add_groups();
  for (const int place : places) {
    *group.add_scopes() = overview.scopes(place).scope();
    overview.mutable_scopes(place)->set_group(static_cast<std::uint32_t>(overview.groups_size()));
  }
  if (with_global) group.add_scopes();
}

TEST(ManagedTokens, SharedToken_ListedOnce) {
  v1::OverviewReply overview;
  for (const char* name : {"a", "b", "c"}) add(overview, name);
  share(overview, {0, 2});
  const auto tokens = managed_tokens(overview);
  ASSERT_EQ(tokens.size(), 2U);
  EXPECT_EQ(tokens[0].scope.str(), "a");
  ASSERT_EQ(tokens[0].others.size(), 1U);
  EXPECT_EQ(tokens[0].others[0].str(), "c");
  EXPECT_EQ(tokens[1].scope.str(), "b");
  EXPECT_TRUE(tokens[1].others.empty());
}

TEST(ManagedTokens, SharedToken_BroadestScopeFirst) {
  v1::OverviewReply overview;
  add(overview, "a", "dev");
  add(overview, "a");
  share(overview, {0, 1}, true);
  const auto tokens = managed_tokens(overview);
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_TRUE(tokens[0].scope.is_global());
  ASSERT_EQ(tokens[0].others.size(), 2U);
  EXPECT_EQ(tokens[0].others[0].str(), "a");
  EXPECT_EQ(tokens[0].others[1].str(), "a:dev");
}

TEST(ManagedTokens, ManySharers_AllListed) {
  v1::OverviewReply overview;
  for (int i = 0; i < 3000; ++i) add(overview, "w" + std::to_string(i));
  v1::SharingGroup& group = *overview.add_groups();
  for (v1::ProbeReply& probe : *overview.mutable_scopes()) {
    *group.add_scopes() = probe.scope();
    probe.set_group(1);
  }
  const auto tokens = managed_tokens(overview);
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_EQ(tokens[0].others.size(), 2999U);
}

TEST(ManagedTokens, OtherModeOrNoSource_LeftOut) {
  v1::OverviewReply overview;
  add(overview, "a").set_mode(v1::AUTH_MODE_IGNORE);
  add(overview, "b").clear_source();
  EXPECT_TRUE(managed_tokens(overview).empty());
}

TEST(ManagedTokens, UnreadableFile_Error) {
  v1::OverviewReply overview;
  v1::ProbeReply& broken = *overview.add_scopes();
  broken.mutable_scope()->set_workspace("a");
  broken.set_verdict(v1::VERDICT_MALFORMED);
  broken.set_summary("a.toml: line 1");
  const auto tokens = managed_tokens(overview);
  ASSERT_EQ(tokens.size(), 1U);
  ASSERT_TRUE(tokens[0].error);
  EXPECT_EQ(tokens[0].error->message, "a.toml: line 1");
}

TEST(ManagedTokens, VariableOrCommand_ReadOnly) {
  v1::OverviewReply overview;
  add(overview, "a").set_source_kind(v1::SOURCE_KIND_ENV);
  add(overview, "b").set_source_kind(v1::SOURCE_KIND_COMMAND);
  add(overview, "c").set_source_kind(v1::SOURCE_KIND_OP);
  const auto tokens = managed_tokens(overview);
  EXPECT_TRUE(tokens[0].is_read_only());
  EXPECT_TRUE(tokens[1].is_read_only());
  EXPECT_FALSE(tokens[2].is_read_only());
}

}  // namespace
}  // namespace jackin::client
