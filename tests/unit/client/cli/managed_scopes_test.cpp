#include "client/cli/managed_scopes.hpp"

#include <gtest/gtest.h>

namespace jackin::client {
namespace {

v1::ProbeReply& add(v1::OverviewReply& overview, const std::string& workspace, const std::string& role = {}) {
  v1::ProbeReply& probe = *overview.add_scopes();
  probe.mutable_scope()->set_workspace(workspace);
  probe.mutable_scope()->set_role(role);
  probe.set_mode("oauth_token");
  probe.set_source("file ~/x");
  probe.set_source_kind("file");
  return probe;
}

void share(v1::ProbeReply& probe, const std::string& workspace, const std::string& role = {}) {
  v1::Scope& other = *probe.add_shared_with();
  other.set_workspace(workspace);
  other.set_role(role);
}

TEST(ManagedTokens, NameEachTokenOnceHoweverManyScopesShareIt) {
  v1::OverviewReply overview;
  share(add(overview, "a"), "c");
  add(overview, "b");
  share(add(overview, "c"), "a");
  const auto tokens = managed_tokens(overview);
  ASSERT_EQ(tokens.size(), 2U);
  EXPECT_EQ(tokens[0].names(), "a (also c)");
  EXPECT_EQ(tokens[1].names(), "b");
}

TEST(ManagedTokens, AreTheBroadestScopesNotOneThatInherits) {
  v1::OverviewReply overview;
  v1::ProbeReply& role = add(overview, "a", "dev");
  share(role, "a");
  share(role, "");
  v1::ProbeReply& workspace = add(overview, "a");
  share(workspace, "a", "dev");
  share(workspace, "");
  const auto tokens = managed_tokens(overview);
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_EQ(tokens[0].names(), "global (also a, a:dev)");
}

TEST(ManagedTokens, AreNotThoseOfOtherModesOrOfNobody) {
  v1::OverviewReply overview;
  add(overview, "a").set_mode("ignore");
  add(overview, "b").clear_source();
  EXPECT_TRUE(managed_tokens(overview).empty());
}

TEST(ManagedTokens, TellOfAFileThatCannotBeRead) {
  v1::OverviewReply overview;
  v1::ProbeReply& broken = *overview.add_scopes();
  broken.mutable_scope()->set_workspace("a");
  broken.set_verdict("malformed");
  broken.set_summary("a.toml: line 1");
  const auto tokens = managed_tokens(overview);
  ASSERT_EQ(tokens.size(), 1U);
  ASSERT_TRUE(tokens[0].error);
  EXPECT_EQ(tokens[0].error->message, "a.toml: line 1");
}

TEST(ManagedTokens, KnowWhereNothingCanBeStored) {
  v1::OverviewReply overview;
  add(overview, "a").set_source_kind("env");
  add(overview, "b").set_source_kind("command");
  add(overview, "c").set_source_kind("1Password");
  const auto tokens = managed_tokens(overview);
  EXPECT_TRUE(tokens[0].is_read_only());
  EXPECT_TRUE(tokens[1].is_read_only());
  EXPECT_FALSE(tokens[2].is_read_only());
}

}  // namespace
}  // namespace jackin::client
