// SPDX-License-Identifier: Apache-2.0
#include "daemon/launch/launch.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include "common/remedy_command.hpp"
#include "tests/fakes/components/test_core.hpp"
#include "tests/support/await.hpp"

namespace jackin::launch {
namespace {

using test::token_like;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* reference = "file:~/token";

class LaunchTest : public testing::Test {
 protected:
  LaunchTest() {
    core_.sandbox.workspace("my-app", "[claude]\noauth_token = { file = \"~/token\" }\n");
    core_.resolver->give(reference, token_like('a'));
  }

  static LaunchRequest request() {
    LaunchRequest request;
    request.scope = Scope::workspace("my-app").value();
    request.process = {4711, 99, "jackin-hook"};
    request.command = "docker";
    return request;
  }

  Result<LaunchPlan> prepare(LaunchRequest request) {
    async::TimedCalls files(core_.sandbox.clock, 1);
    Launch launch({core_.sandbox.paths, core_.sandbox.clock, core_.sandbox.pool, files, core_.core().configuration,
                   core_.health(), *core_.sandbox.database});
    return test::await(core_.sandbox.io, launch.prepare(std::move(request)));
  }

  std::vector<state::HandoutRecord> handouts() { return core_.sandbox.database->handouts().value(); }

  void mode(const std::string& mode, const std::string& more = {}) {
    core_.sandbox.workspace("my-app", "[claude]\nauth_forward = \"" + mode + "\"\n" + more);
  }

  test::TestCore core_;
};

TEST_F(LaunchTest, Prepare_ReturnsTokenAndRecordsHandout) {
  const auto plan = prepare(request());
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_TRUE(plan->token);
  EXPECT_EQ(plan->token->view(), token_like('a'));
  ASSERT_THAT(handouts(), SizeIs(1));
  const auto handout = handouts()[0];
  EXPECT_EQ(handout.scope.str(), "my-app");
  EXPECT_EQ(handout.fingerprint, Digest::of(token_like('a')).fingerprint());
  EXPECT_EQ(handout.pid, 4711);
  EXPECT_EQ(handout.start_time, 99U);
  EXPECT_EQ(handout.command, "docker");
  EXPECT_EQ(handout.at, core_.sandbox.clock.now());
  EXPECT_THAT(core_.sandbox.database_bytes(), Not(HasSubstr("aaaaaaaaaaaa")));
  EXPECT_THAT(plan->banner.text, HasSubstr("oauth_token from file ~/token"));
}

TEST_F(LaunchTest, Prepare_VariableOfLaunch_AsksForIt) {
  core_.sandbox.workspace("my-app",
                          "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$MY_TOKEN\"\n");
  core_.resolver->give("client-env:MY_TOKEN", token_like('v'));
  const auto first = prepare(request());
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->needs_variable, "MY_TOKEN");
  EXPECT_FALSE(first->token);
  EXPECT_THAT(handouts(), IsEmpty());
  auto again = request();
  again.variable = secrets::ClientVariable{"MY_TOKEN", nullptr};
  const auto second = prepare(std::move(again));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_TRUE(second->needs_variable.empty());
  ASSERT_TRUE(second->token);
  EXPECT_EQ(second->token->view(), token_like('v'));
}

TEST_F(LaunchTest, Prepare_ExternalSlot_NamesVariable) {
  const std::string entry = "[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$JACKIND_TOKEN_x\"\n";
  core_.sandbox.workspace("my-app", "[claude]\nauth_forward = \"oauth_token\"\n" + entry);
  core_.sandbox.write_configuration("jackind-slots.toml",
                                    "[tokens.JACKIND_TOKEN_x]\noauth_token = { file = \"~/token\" }\n");
  const auto plan = prepare(request());
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->token_variable, "JACKIND_TOKEN_x");
  ASSERT_TRUE(plan->token);
  EXPECT_EQ(plan->token->view(), token_like('a'));
  EXPECT_THAT(handouts(), SizeIs(1));
  core_.sandbox.workspace("my-app", "[claude]\nauth_forward = \"ignore\"\n" + entry);
  const auto other = prepare(request());
  EXPECT_EQ(other->token_variable, "JACKIND_TOKEN_x");
  EXPECT_FALSE(other->token);
  EXPECT_THAT(other->warnings, IsEmpty());
}

// SQLite waits 5 s for another program's lock. The test's clock does not advance meanwhile.
TEST_F(LaunchTest, Prepare_DatabaseLocked_DoesNotWait) {
  SQLite::Database other(core_.sandbox.paths.database().string(), SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  async::TimedCalls files(core_.sandbox.clock, 1);
  Launch launch({core_.sandbox.paths, core_.sandbox.clock, core_.sandbox.pool, files, core_.core().configuration,
                 core_.health(), *core_.sandbox.database});
  bool is_prepared = false;
  const auto advance = [&]() -> Task<> {
    while (!is_prepared) {
      if (core_.sandbox.clock.waiting() > 0) core_.sandbox.clock.advance(std::chrono::milliseconds(200));
      co_await asio::post(core_.sandbox.io, asio::use_awaitable);
    }
    co_return Result<>();
  };
  asio::co_spawn(core_.sandbox.io, advance(), asio::detached);
  const auto prepare = [&]() -> Task<LaunchPlan> {
    auto plan = co_await launch.prepare(request());
    is_prepared = true;
    co_return plan;
  };
  const auto plan = test::await(core_.sandbox.io, prepare());
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(plan->token);
  EXPECT_THAT(plan->warnings,
              ElementsAre("the record of this launch is not yet written to disk: the state database does not answer"));
  other.exec("ROLLBACK");
  ASSERT_THAT(handouts(), SizeIs(1));
  EXPECT_EQ(handouts()[0].pid, 4711);
}

TEST_F(LaunchTest, Prepare_DiskFull_WarnsAndWritesRecordLater) {
  SQLite::Database other(core_.sandbox.paths.database().string(), SQLite::OPEN_READWRITE);
  other.exec("CREATE TRIGGER full BEFORE INSERT ON handout BEGIN SELECT RAISE(FAIL, 'full'); END");
  const auto on_disk = [&] { return other.execAndGet("SELECT count(*) FROM handout").getInt(); };
  async::TimedCalls files(core_.sandbox.clock, 1);
  Launch launch({core_.sandbox.paths, core_.sandbox.clock, core_.sandbox.pool, files, core_.core().configuration,
                 core_.health(), *core_.sandbox.database});
  const auto prepared = [&] { return test::await(core_.sandbox.io, launch.prepare(request())); };
  const auto plan = prepared();
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(plan->token);
  EXPECT_THAT(plan->warnings, ElementsAre(HasSubstr("the record of this launch is not yet written to disk: ")));
  EXPECT_EQ(on_disk(), 0);
  // A rotation still names the process.
  ASSERT_THAT(handouts(), SizeIs(1));
  EXPECT_EQ(handouts()[0].pid, 4711);
  ASSERT_TRUE(prepared());
  EXPECT_EQ(core_.sandbox.clock.waiting(), 1U) << "one attempt for all of them";
  const auto until_written = [&](int count) -> Task<> {
    while (on_disk() != count) co_await asio::post(core_.sandbox.io, asio::use_awaitable);
    co_return Result<>();
  };
  core_.sandbox.clock.advance(std::chrono::minutes(1));
  other.exec("DROP TRIGGER full");
  ASSERT_TRUE(test::await(core_.sandbox.io, until_written(2)));
  EXPECT_THAT(handouts(), SizeIs(2));
}

TEST_F(LaunchTest, Prepare_OtherMode_InjectsNothing) {
  for (const auto* other : {"sync", "api_key", "ignore"}) {
    mode(other, "[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"" + token_like('b') + "\"\n");
    const auto plan = prepare(request());
    ASSERT_TRUE(plan) << other;
    EXPECT_THAT(plan->warnings, Contains(HasSubstr("CLAUDE_CODE_OAUTH_TOKEN in [env] of workspaces/my-app.toml")))
        << other;
    EXPECT_FALSE(plan->token) << other;
    EXPECT_EQ(plan->answer.verdict, Verdict::not_managed) << other;
    EXPECT_THAT(plan->unset, Contains("CLAUDE_CODE_OAUTH_TOKEN")) << other;
  }
  EXPECT_THAT(handouts(), IsEmpty());
  EXPECT_THAT(core_.resolver->asked, IsEmpty());
}

TEST_F(LaunchTest, Prepare_InheritedToken_Unset) {
  EXPECT_THAT(prepare(request())->unset,
              ElementsAre("CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR"));
}

TEST_F(LaunchTest, Prepare_WithoutToken_ReadsNoSource) {
  auto probing = request();
  probing.with_token = false;
  EXPECT_FALSE(prepare(probing)->token);
  EXPECT_THAT(core_.resolver->asked, IsEmpty());
  EXPECT_THAT(handouts(), IsEmpty());
}

TEST_F(LaunchTest, Prepare_CredentialsThatClaudePrefers_Warns) {
  auto with_key = request();
  with_key.credentials_present = {"ANTHROPIC_API_KEY",       "ANTHROPIC_AUTH_TOKEN",   "ANTHROPIC_BASE_URL",
                                  "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"};
  EXPECT_THAT(prepare(with_key)->warnings,
              ElementsAre(HasSubstr("ANTHROPIC_API_KEY"), HasSubstr("ANTHROPIC_AUTH_TOKEN"),
                          HasSubstr("CLAUDE_CODE_USE_BEDROCK"), HasSubstr("CLAUDE_CODE_USE_VERTEX"),
                          HasSubstr("CLAUDE_CODE_USE_FOUNDRY")));
  mode("api_key");
  EXPECT_THAT(prepare(with_key)->warnings, IsEmpty());
}

TEST_F(LaunchTest, Prepare_RoleThatNoFileKnows_WarnsThatTheWorkspacesTokenIsUsed) {
  auto with_role = request();
  with_role.scope = Scope::role("my-app", "typo").value();
  const auto plan = prepare(with_role);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->token->view(), token_like('a'));
  EXPECT_THAT(plan->warnings, ElementsAre(testing::AllOf(HasSubstr("no role 'typo' in "), HasSubstr("my-app.toml"),
                                                         HasSubstr("the token of 'my-app' is used"))));

  core_.sandbox.workspace("my-app", "[claude]\noauth_token = { file = \"~/token\" }\n[roles.typo]\nimage = \"x\"\n");
  EXPECT_THAT(prepare(with_role)->warnings, IsEmpty());
  with_role.scope = Scope::role("my-app", "everywhere").value();
  EXPECT_THAT(prepare(with_role)->warnings, SizeIs(1));
  core_.sandbox.global("[roles.everywhere]\n");
  EXPECT_THAT(prepare(with_role)->warnings, IsEmpty());
  mode("ignore");
  with_role.scope = Scope::role("my-app", "none").value();
  EXPECT_THAT(prepare(with_role)->warnings, IsEmpty());
}

TEST_F(LaunchTest, Prepare_SourceGone_Blocks) {
  core_.resolver->fail(reference, {Reason::source_gone, "there is no such file", {}});
  const auto plan = prepare(request());
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->answer.verdict, Verdict::gone);
  EXPECT_EQ(plan->answer.decision, Decision::block);
  EXPECT_FALSE(plan->token);
  EXPECT_THAT(plan->onboarding, IsEmpty());
  EXPECT_THAT(handouts(), IsEmpty());
}

TEST_F(LaunchTest, Prepare_SourceDenied_BlocksWithRemedy) {
  core_.resolver->fail(reference, {Reason::source_denied, "others can read ~/token",
                                   Remedy::set_access("~/token", PathAccess::private_file)});
  const auto plan = prepare(request());
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_FALSE(plan->token);
  EXPECT_EQ(plan->answer.decision, Decision::block);
  EXPECT_EQ(command_line(plan->answer.remedy), "chmod 600 ~/token");
}

TEST_F(LaunchTest, Prepare_NotAToken_Blocks) {
  core_.resolver->give(reference, "hunter2hunter2");
  const auto plan = prepare(request());
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->answer.verdict, Verdict::malformed);
  EXPECT_FALSE(plan->token);
}

TEST_F(LaunchTest, Prepare_TokenMissing_Blocks) {
  core_.sandbox.workspace("my-app", "[claude]\nauth_forward = \"oauth_token\"\n");
  const auto plan = prepare(request());
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->answer.verdict, Verdict::missing);
  EXPECT_EQ(command_line(plan->answer.remedy), "jackinctl setup my-app");
}

TEST_F(LaunchTest, Prepare_SourceUnreachable_FailsWithRemedy) {
  core_.resolver->fail(reference,
                       {Reason::source_unreachable, "the store is locked", Remedy::of(RemedyAction::unlock_keychain)});
  const auto plan = prepare(request());
  EXPECT_EQ(plan.error().reason, Reason::source_unreachable);
  EXPECT_EQ(plan.error().remedy, Remedy::of(RemedyAction::unlock_keychain));
}

TEST_F(LaunchTest, Prepare_GoneThenUnreachable_StartsNothing) {
  core_.resolver->fail(reference, {Reason::source_gone, "there is no such file", {}});
  ASSERT_EQ(prepare(request())->answer.verdict, Verdict::gone);
  core_.resolver->fail(reference,
                       {Reason::source_unreachable, "the store is locked", Remedy::of(RemedyAction::unlock_keychain)});
  const auto plan = prepare(request());
  ASSERT_FALSE(plan) << "a plan without a token, and no block";
  EXPECT_EQ(plan.error().reason, Reason::source_unreachable);
  EXPECT_THAT(handouts(), IsEmpty());
}

TEST_F(LaunchTest, Prepare_FixedSinceLastCheck_Allows) {
  core_.resolver->fail(reference, {Reason::source_gone, "there is no such file", {}});
  ASSERT_EQ(prepare(request())->answer.verdict, Verdict::gone);
  core_.resolver->give(reference, token_like('a'));
  const auto plan = prepare(request());
  EXPECT_EQ(plan->answer.verdict, Verdict::ok);
  EXPECT_TRUE(plan->token);
}

TEST_F(LaunchTest, Prepare_RejectedToken_BlockedUntilReplaced) {
  core_.upstream.reject();
  ASSERT_TRUE(test::await(core_.sandbox.io, core_.health().examine(request().scope, {}, true, false)));
  const auto plan = prepare(request());
  EXPECT_EQ(plan->answer.verdict, Verdict::rejected);
  EXPECT_FALSE(plan->token);
  EXPECT_THAT(handouts(), IsEmpty());
  core_.upstream.accept();
  core_.resolver->give(reference, token_like('b'));
  EXPECT_TRUE(prepare(request())->token);
}

TEST_F(LaunchTest, Prepare_OnboardingOfMode) {
  const auto plan = prepare(request());
  ASSERT_THAT(plan->onboarding, SizeIs(2));
  EXPECT_EQ(plan->onboarding[0].content.view(), R"({"hasCompletedOnboarding":true})");
  EXPECT_EQ(plan->onboarding[1].rule, OnboardingFile::Rule::absent);
}

TEST_F(LaunchTest, Prepare_Sync_HostLoginPassedOn_WarnsWithoutOne) {
  mode("sync");
  EXPECT_THAT(prepare(request())->warnings, ElementsAre(HasSubstr("claude's login is not passed on")));
  test::write_file(core_.sandbox.home / ".claude/.credentials.json", "login");
  const auto plan = prepare(request());
  EXPECT_THAT(plan->warnings, IsEmpty());
  EXPECT_EQ(plan->onboarding.at(1).content.view(), "login");
}

TEST_F(LaunchTest, Prepare_ConfigurationUnreadable_Blocks) {
  auto broken = request();
  broken.scope = Scope::workspace("broken").value();
  core_.sandbox.workspace("broken", "[claude\n");
  const auto plan = prepare(broken);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->answer.decision, Decision::block);
  EXPECT_FALSE(plan->token);
  EXPECT_THAT(plan->onboarding, IsEmpty());
  EXPECT_THAT(plan->banner.text, HasSubstr("broken.toml, line 1, "));
  EXPECT_EQ(plan->banner.colour, BannerColour::red);
}

TEST_F(LaunchTest, Prepare_UnknownWorkspace_Fails) {
  auto unknown = request();
  unknown.scope = Scope::workspace("nowhere").value();
  EXPECT_EQ(prepare(unknown).error().reason, Reason::unknown_workspace);
}

}  // namespace
}  // namespace jackin::launch
