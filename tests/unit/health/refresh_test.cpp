// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/health/health_fixture.hpp"

namespace jackin::health {
namespace {

using test::token_like;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(HealthTest, Expiry_AdoptedToken_FromStore) {
  resolver_->expires_on = parse_date("2026-12-01");
  const auto report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::expiring);
  EXPECT_EQ(report.answer.days_left, 8);
  start();
  EXPECT_EQ(probed(app_)->expires_on, parse_date("2026-12-01"));
}

TEST_F(HealthTest, Expiry_OwnRecord_BeforeStore) {
  record('a', parse_date("2027-11-23"));
  resolver_->expires_on = parse_date("2026-12-01");
  EXPECT_EQ(examine(app_).answer.expires_on, parse_date("2027-11-23"));
}

TEST_F(HealthTest, History_LastChangeReported) {
  record('a', parse_date("2027-11-23"));
  sandbox_.clock.advance(std::chrono::hours(48));
  upstream_.reject();
  const auto report = examine(app_);
  EXPECT_THAT(codes(report), Contains("info history"));
  const auto history = sandbox_.database->history(configuration_->last_read().effective(app_)->key).value();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].verdict, Verdict::rejected);
  EXPECT_EQ(history[1].verdict, Verdict::ok);
  examine(app_);
  EXPECT_EQ(sandbox_.database->history(configuration_->last_read().effective(app_)->key)->size(), 2U);
}

TEST_F(HealthTest, History_NoChange_NotReported) {
  examine(app_);
  sandbox_.workspace("my-app", "[claude]\noauth_token = { file = \"~/another-token\" }\n");
  resolver_->give("file:~/another-token", token_like('b'));
  examine(app_);
  sandbox_.workspace("my-app", slot);
  const Moment back = sandbox_.clock.now();
  EXPECT_THAT(codes(examine(app_)), Not(Contains("info history")));
  sandbox_.clock.advance(std::chrono::hours(1));
  upstream_.reject();
  const auto report = examine(app_);
  EXPECT_THAT(
      report.findings,
      Contains(Field(&Finding::message, HasSubstr("rejected since " + format_moment(back + std::chrono::hours(1)) +
                                                  "; before that it was ok"))));
}

TEST_F(HealthTest, Holders_RoleInNoFile_ListedWithWorkspace) {
  const auto self = identify_process(::getpid()).value();
  state::HandoutRecord handout;
  handout.scope = Scope::role("my-app", "deploy").value();
  handout.fingerprint = fingerprint('a');
  handout.pid = self.pid;
  handout.start_time = self.start_time;
  ASSERT_TRUE(sandbox_.database->add_handout(handout));
  EXPECT_THAT(codes(examine(app_)), Contains("info handed_out"));
  sandbox_.workspace("my-app", std::string(slot) + "[roles.deploy.claude]\nauth_forward = \"ignore\"\n");
  EXPECT_THAT(codes(examine(app_)), Not(Contains("info handed_out")));
  EXPECT_THAT(codes(examine(handout.scope)), Contains("warning old_token_running"));
}

TEST_F(HealthTest, Refresh_SourceMayPrompt_NotAsked) {
  resolver_->prompts = true;
  const auto refreshed = test::await(sandbox_.io, health_->refresh(app_, {}));
  ASSERT_FALSE(refreshed);
  EXPECT_EQ(refreshed.error().reason, Reason::unsupported);
  EXPECT_THAT(resolver_->asked, IsEmpty());
}

TEST_F(HealthTest, Refresh_ApiOnceADay) {
  const auto refresh = [&] { return test::await(sandbox_.io, health_->refresh(app_, {})); };
  ASSERT_TRUE(refresh());
  EXPECT_EQ(upstream_.asked.size(), 1U);
  sandbox_.clock.advance(std::chrono::hours(12));
  ASSERT_TRUE(refresh());
  EXPECT_EQ(upstream_.asked.size(), 1U);
  EXPECT_EQ(probed(app_)->verdict, Verdict::ok);
  sandbox_.clock.advance(std::chrono::hours(12));
  ASSERT_TRUE(refresh());
  EXPECT_EQ(upstream_.asked.size(), 2U);
  EXPECT_EQ(resolver_->asked.size(), 3U);
}

TEST_F(HealthTest, Refresh_ReplacedToken_CheckedByApi) {
  const auto refresh = [&] { return test::await(sandbox_.io, health_->refresh(app_, {})); };
  ASSERT_TRUE(refresh());
  sandbox_.clock.advance(std::chrono::hours(12));
  resolver_->give(reference, token_like('b'));
  upstream_.reject();
  ASSERT_TRUE(refresh());
  EXPECT_THAT(upstream_.asked, ElementsAre(fingerprint('a'), fingerprint('b')));
  EXPECT_EQ(probed(app_)->verdict, Verdict::rejected);
}

TEST_F(HealthTest, Refresh_ClockSetBack_ApiStillAsked) {
  const auto refresh = [&] { return test::await(sandbox_.io, health_->refresh(app_, {})); };
  ASSERT_TRUE(refresh());
  sandbox_.clock.set_now(sandbox_.clock.now() - std::chrono::hours(24 * 300));
  upstream_.reject();
  ASSERT_TRUE(refresh());
  EXPECT_EQ(probed(app_)->verdict, Verdict::rejected);
  // A launch with another token asks as well, although the API was unavailable just before the jump.
  upstream_.fail();
  resolver_->give(reference, token_like('b'));
  examine(app_);
  sandbox_.clock.set_now(sandbox_.clock.now() - std::chrono::hours(24));
  record('a');
  examine(app_);
  sandbox_.clock.set_now(sandbox_.clock.now() - std::chrono::hours(24));
  upstream_.reject();
  ASSERT_TRUE(resolve());
  EXPECT_EQ(probed(app_)->verdict, Verdict::rejected);
}

TEST_F(HealthTest, ClockSetBack_LastCheckCounts) {
  const auto other = Scope::workspace("other").value();
  sandbox_.workspace("other", slot);
  upstream_.reject();
  examine(other);
  ASSERT_EQ(probed(app_)->verdict, Verdict::rejected) << "it is the same token";
  sandbox_.clock.set_now(sandbox_.clock.now() - std::chrono::hours(24 * 300));
  upstream_.accept();
  EXPECT_EQ(examine(app_).answer.verdict, Verdict::ok);
  for (const bool is_restarted : {false, true}) {
    if (is_restarted) start();
    for (const auto& scope : {app_, other}) EXPECT_EQ(probed(scope)->verdict, Verdict::ok) << is_restarted;
    EXPECT_TRUE(probed(app_)->fresh);
  }
  // The result of a launch counts too, although it is not written when it is not new.
  sandbox_.clock.advance(std::chrono::hours(1));
  ASSERT_TRUE(resolve());
  EXPECT_EQ(probed(other)->checked_at, sandbox_.clock.now());
}

TEST_F(HealthTest, MaxAge_Changed_AppliesAtOnce) {
  examine(app_);
  sandbox_.clock.advance(std::chrono::hours(2));
  ASSERT_TRUE(probed(app_)->fresh);
  health_->set_max_age(std::chrono::hours(1));
  EXPECT_FALSE(probed(app_)->fresh);
}

TEST_F(HealthTest, Organisation_UnknownAtRecord_LearnedLater) {
  state::TokenRecord token;
  token.scope = app_;
  token.reference = reference;
  token.fingerprint = fingerprint('a');
  token.recorded_at = sandbox_.clock.now();
  ASSERT_TRUE(test::await(sandbox_.io, health_->record(token, {})));
  upstream_.fail();
  examine(app_);
  EXPECT_EQ(health_->token_of(app_)->organization, "");
  upstream_.accept();
  examine(app_);
  EXPECT_EQ(health_->token_of(app_)->organization, "org-1");
  start();
  EXPECT_EQ(health_->token_of(app_)->organization, "org-1");
  // Another token has an organisation of its own.
  resolver_->give(reference, token_like('b'));
  upstream_.answer.organization = "org-2";
  EXPECT_THAT(codes(examine(app_)), Contains("warning organisation_changed"));
  EXPECT_EQ(health_->token_of(app_)->organization, "org-1");
}

TEST_F(HealthTest, Holders_CurrentAndOldToken_Listed) {
  const auto self = identify_process(::getpid()).value();
  for (const char seed : {'a', 'o'}) {
    state::HandoutRecord handout;
    handout.scope = app_;
    handout.fingerprint = fingerprint(seed);
    handout.pid = self.pid;
    handout.start_time = self.start_time;
    handout.command = "claude";
    ASSERT_TRUE(sandbox_.database->add_handout(handout));
  }
  const auto report = examine(app_);
  EXPECT_THAT(codes(report), Contains("info handed_out"));
  EXPECT_THAT(codes(report), Contains("warning old_token_running"));
}

}  // namespace
}  // namespace jackin::health
