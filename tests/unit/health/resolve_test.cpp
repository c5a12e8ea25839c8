// SPDX-License-Identifier: Apache-2.0
#include "common/remedy_command.hpp"
#include "tests/unit/health/health_fixture.hpp"

namespace jackin::health {
namespace {

using test::token_like;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(HealthTest, Resolve_ReturnsTokenAndRecordsResult) {
  const auto resolved = resolve();
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->token.view(), token_like('a'));
  EXPECT_EQ(resolved->fingerprint, fingerprint('a'));
  EXPECT_THAT(upstream_.asked, IsEmpty()) << "a launch waits for no network";
  EXPECT_EQ(probed(app_)->verdict, Verdict::ok);
}

TEST_F(HealthTest, Resolve_SourceGone_NextProbeBlocks) {
  examine(app_);
  resolver_->fail(reference, {Reason::source_gone, "there is no such file", {}});
  EXPECT_EQ(resolve().error().reason, Reason::source_gone);
  EXPECT_EQ(probed(app_)->verdict, Verdict::gone);
  start();
  EXPECT_EQ(probed(app_)->verdict, Verdict::gone);
}

TEST_F(HealthTest, Resolve_NoTokenConfigured_RemedySetup) {
  sandbox_.workspace("my-app", "[claude]\nauth_forward = \"ignore\"\n");
  const auto resolved = resolve();
  EXPECT_EQ(resolved.error().reason, Reason::slot_missing);
  EXPECT_EQ(command_line(resolved.error().remedy), "jackinctl setup my-app");
}

class LaunchedFromOp : public HealthTest {
 protected:
  LaunchedFromOp() {
    sandbox_.workspace("my-app", "[claude]\noauth_token = { op = \"op://v/i/f\" }\n");
    resolver_->give("op://v/i/f", token_like('a'));
    keep();
  }
  void keep() {
    health_ = std::make_unique<Health>(Health::Dependencies{sandbox_.clock, sandbox_.pool, *configuration_, *sources_,
                                                            upstream_, *sandbox_.database, std::chrono::hours(24),
                                                            &cache_, [this] { ++changes_; }});
    EXPECT_TRUE(test::await(sandbox_.io, health_->load()));
  }
  void record_from_op(char seed) {
    state::TokenRecord token;
    token.scope = app_;
    token.reference = "op://v/i/f";
    token.fingerprint = fingerprint(seed);
    token.recorded_at = sandbox_.clock.now();
    EXPECT_TRUE(test::await(sandbox_.io, health_->record(token, upstream_.answer)));
  }

  secrets::SecretCache cache_{sandbox_.io.get_executor(), sandbox_.clock, std::chrono::minutes(10)};
  int changes_ = 0;
};

TEST_F(LaunchedFromOp, Resolve_WithinTtl_StoreNotReadAgain) {
  ASSERT_TRUE(resolve());
  const auto again = resolve();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->token.view(), token_like('a'));
  EXPECT_EQ(resolver_->asked.size(), 1U);
  sandbox_.clock.advance(std::chrono::minutes(10));
  ASSERT_TRUE(resolve());
  EXPECT_EQ(resolver_->asked.size(), 2U);
}

TEST_F(LaunchedFromOp, Resolve_OtherAccount_ReadsItsOwnToken) {
  const auto launch = [&](const char* account) {
    Environment client;
    client.set("OP_ACCOUNT", account);
    auto resolved = test::await(sandbox_.io, health_->resolve_for_launch(app_, client));
    return resolved ? std::string(resolved->token.view()) : resolved.error().message;
  };
  EXPECT_EQ(launch("work"), token_like('a'));
  resolver_->give("op://v/i/f", token_like('b'));
  EXPECT_EQ(launch("private"), token_like('b'));
  EXPECT_EQ(launch("work"), token_like('a'));
  EXPECT_EQ(launch("private"), token_like('b'));
  EXPECT_EQ(resolver_->asked.size(), 2U);
}

TEST_F(LaunchedFromOp, Resolve_OtherAccountsToken_NotRecordedForThisOne) {
  sandbox_.workspace("mine", "[claude]\noauth_token = { op = \"op://v/i/f\", account = \"private\" }\n");
  sandbox_.workspace("same", "[claude]\noauth_token = { op = \"op://v/i/f\" }\n");
  record_from_op('a');
  EXPECT_EQ(probed(*Scope::workspace("same"))->fingerprint, fingerprint('a'));
  EXPECT_FALSE(probed(*Scope::workspace("mine"))->fingerprint);
}

TEST_F(HealthTest, Resolve_CommandInFileWritableByOthers_NotRun) {
  const secrets::CredentialSource command = secrets::CommandSource{{"print-token"}};
  const std::string file = sandbox_.paths.workspaces_dir() / "my-app.toml";
  sandbox_.workspace("my-app", "[claude]\noauth_token = { command = [\"print-token\"] }\n");
  resolver_->give(secrets::reference_of(command), token_like('a'));
  chmod(file.c_str(), 0666);
  const auto refused = resolve();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::source_denied);
  EXPECT_EQ(refused.error().message,
            "the command in workspaces/my-app.toml is not run: " + file + " can be written by others");
  EXPECT_EQ(command_line(refused.error().remedy), "chmod go-w " + file);
  const auto report = examine(app_);
  EXPECT_THAT(codes(report), testing::Contains("error source_denied"));
  EXPECT_TRUE(resolver_->asked.empty());
  // Such a file loses nothing else.
  sandbox_.workspace("my-app", slot);
  chmod(file.c_str(), 0666);
  EXPECT_TRUE(resolve());
  sandbox_.workspace("my-app", "[claude]\noauth_token = { command = [\"print-token\"] }\n");
  chmod(file.c_str(), 0644);
  EXPECT_TRUE(resolve());
}

TEST_F(LaunchedFromOp, Resolve_SessionLockedMeanwhile_NotCached) {
  resolver_->before_answer = [&]() -> asio::awaitable<void> {
    cache_.drop_all();
    co_return;
  };
  ASSERT_TRUE(resolve());
  resolver_->before_answer = nullptr;
  ASSERT_TRUE(resolve());
  EXPECT_EQ(resolver_->asked.size(), 2U);
  ASSERT_TRUE(resolve());
  EXPECT_EQ(resolver_->asked.size(), 2U);
}

TEST_F(LaunchedFromOp, RecordOrForget_CacheDropped) {
  ASSERT_TRUE(resolve());
  record_from_op('a');
  ASSERT_TRUE(resolve());
  EXPECT_EQ(resolver_->asked.size(), 2U);
  ASSERT_TRUE(test::await(sandbox_.io, health_->forget(app_)));
  ASSERT_TRUE(resolve());
  EXPECT_EQ(resolver_->asked.size(), 3U);
}

TEST_F(LaunchedFromOp, Resolve_ReplacedToken_CheckedByApiFirst) {
  record_from_op('a');
  upstream_.asked.clear();
  resolver_->give("op://v/i/f", token_like('b'));
  upstream_.reject();
  ASSERT_TRUE(resolve());
  EXPECT_THAT(upstream_.asked, ElementsAre(fingerprint('b')));
  EXPECT_EQ(probed(app_)->verdict, Verdict::rejected);
  EXPECT_EQ(probed(app_)->decision, Decision::block);
  // It is not cached: the next launch reads again.
  resolver_->give("op://v/i/f", token_like('c'));
  upstream_.accept();
  ASSERT_TRUE(resolve());
  EXPECT_EQ(probed(app_)->verdict, Verdict::ok);
}

TEST_F(LaunchedFromOp, Resolve_ApiUnavailable_NotAskedAtEveryLaunch) {
  record_from_op('a');
  upstream_.asked.clear();
  resolver_->give("op://v/i/f", token_like('b'));
  upstream_.fail();
  for (int launch = 0; launch < 3; ++launch) {
    cache_.drop_all();
    ASSERT_TRUE(resolve());
    EXPECT_EQ(probed(app_)->verdict, Verdict::changed);
  }
  EXPECT_EQ(upstream_.asked.size(), 1U);
  sandbox_.clock.advance(std::chrono::minutes(11));
  ASSERT_TRUE(resolve());
  EXPECT_EQ(upstream_.asked.size(), 2U);
}

TEST_F(LaunchedFromOp, Resolve_KnownToken_NotSentToApi) {
  record_from_op('a');
  upstream_.asked.clear();
  ASSERT_TRUE(resolve());
  EXPECT_THAT(upstream_.asked, IsEmpty());
}

TEST_F(LaunchedFromOp, Resolve_AnswerChanges_Reported) {
  record_from_op('a');
  changes_ = 0;
  ASSERT_TRUE(resolve());
  EXPECT_EQ(changes_, 0);
  resolver_->fail("op://v/i/f", {Reason::source_gone, "gone", {}});
  cache_.drop_all();
  EXPECT_FALSE(resolve());
  EXPECT_GT(changes_, 0);
}

}  // namespace
}  // namespace jackin::health
