// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <future>

#include "daemon/async/slices.hpp"
#include "daemon/health/quick_checks.hpp"
#include "daemon/process/program_runner.hpp"
#include "tests/fakes/components/daemon_context.hpp"
#include "tests/fakes/components/fake_store.hpp"
#include "tests/fakes/components/fake_upstream.hpp"
#include "tests/support/await.hpp"

namespace jackin::health {
namespace {

using test::token_like;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* slot = "[claude]\noauth_token = { file = \"~/token\" }\n";
constexpr const char* reference = "file:~/token";

class HealthTest : public testing::Test {
 protected:
  HealthTest() {
    auto fake = std::make_unique<test::FakeResolver>();
    resolver_ = fake.get();
    std::vector<std::unique_ptr<secrets::SourceResolver>> resolvers;
    resolvers.push_back(std::move(fake));
    sources_ = std::make_unique<secrets::Sources>(std::move(resolvers));
    configuration_ = std::make_unique<config::Configuration>(sandbox_.paths);
    start();
    sandbox_.workspace("my-app", slot);
    resolver_->give(reference, token_like('a'));
  }

  // Does what a daemon start does: only the content of the database is known.
  void start() {
    health_ = std::make_unique<Health>(Health::Dependencies{sandbox_.clock, sandbox_.pool, *configuration_, *sources_,
                                                            upstream_, *sandbox_.database, std::chrono::hours(24)});
    EXPECT_TRUE(test::await(sandbox_.io, health_->load()));
  }

  ScopeReport examine(const Scope& scope, bool offline = false) {
    return test::await(sandbox_.io, health_->examine(scope, {}, true, offline)).value();
  }
  Overview overview(std::string workspace = {}) {
    return test::await(sandbox_.io, health_->overview(std::move(workspace))).value();
  }
  Result<ResolvedToken> resolve() { return test::await(sandbox_.io, health_->resolve_for_launch(app_, {})); }

  static std::vector<std::string> codes(const ScopeReport& report) {
    std::vector<std::string> codes;
    for (const auto& finding : report.findings)
      codes.push_back(std::string(to_text(finding.severity)) + " " + finding.code);
    return codes;
  }

  void record(char seed, std::optional<Date> expires_on = {}) {
    state::TokenRecord token;
    token.scope = app_;
    token.reference = reference;
    token.fingerprint = fingerprint(seed);
    token.expires_on = expires_on;
    token.organization = "org-1";
    token.recorded_at = sandbox_.clock.now();
    EXPECT_TRUE(test::await(sandbox_.io, health_->record(token, upstream_.answer)));
  }

  static Fingerprint fingerprint(char seed) { return Digest::of(token_like(seed)).fingerprint(); }

  const Scope app_ = Scope::workspace("my-app").value();
  test::DaemonContext sandbox_;
  test::FakeUpstream upstream_;
  test::FakeResolver* resolver_ = nullptr;
  std::unique_ptr<secrets::Sources> sources_;
  std::unique_ptr<config::Configuration> configuration_;
  std::unique_ptr<Health> health_;
};

TEST_F(HealthTest, Probe_AsksNeitherSourceNorApi) {
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::unchecked);
  EXPECT_THAT(resolver_->asked, IsEmpty());
  EXPECT_THAT(upstream_.asked, IsEmpty());
}

TEST_F(HealthTest, Probe_TextExcludesToken_BlocksWithoutReading) {
  resolver_->text_is_wrong = Error{Reason::source_invalid, "this string is no token: it is empty", {}};
  const auto answer = health_->probe(app_).value();
  EXPECT_EQ(answer.decision, Decision::block);
  EXPECT_EQ(answer.summary, "workspaces/my-app.toml:2:15: this string is no token: it is empty");
  EXPECT_EQ(answer.remedy, "${EDITOR:-vi} +2 \"${JACKIN_CONFIG_DIR:-$HOME/.config/jackin}\"/workspaces/my-app.toml");
  const auto refused = resolve();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, answer.summary);
  EXPECT_EQ(refused.error().remedy, answer.remedy);
  const auto report = examine(app_);
  EXPECT_EQ(report.answer.decision, Decision::block);
  EXPECT_THAT(codes(report), Contains("error source_invalid"));
  EXPECT_THAT(resolver_->asked, IsEmpty());
}

TEST_F(HealthTest, Probe_MisspelledKey_BlocksWithLine) {
  sandbox_.workspace("my-app", "[Claude]\noauth_token = { file = \"~/token\" }\n");
  const auto answer = health_->probe(app_).value();
  EXPECT_EQ(answer.decision, Decision::block);
  EXPECT_EQ(answer.summary, "workspaces/my-app.toml:1:1: unknown key 'Claude'; did you mean 'claude'?");
  EXPECT_THAT(codes(examine(app_)), Contains("error malformed"));
}

TEST_F(HealthTest, ProbeWithQuickCheck_OverridesRecord) {
  const auto probe = [&] { return test::await(sandbox_.io, health_->probe_with_quick_check(app_)).value(); };
  examine(app_);
  EXPECT_EQ(probe().verdict, Verdict::ok);
  resolver_->quick_checked = [] {
    return Result<>(failure(Reason::source_denied, "others can read it", "chmod 600 x"));
  };
  EXPECT_EQ(probe().verdict, Verdict::denied);
  EXPECT_EQ(probe().decision, Decision::block);
  EXPECT_EQ(probe().remedy, "chmod 600 x");
  resolver_->fail(reference, {Reason::source_denied, "others can read it", "chmod 600 x"});
  EXPECT_EQ(examine(app_).answer.verdict, Verdict::denied) << "and a check that says the same is not overlooked";
  // Fixed: the launch reads the content.
  resolver_->quick_checked = [] { return Result<>(); };
  EXPECT_EQ(probe().decision, Decision::allow);
}

TEST_F(HealthTest, ProbeWithQuickCheck_FileSystemHangs_LimitedAndNotBlocked) {
  examine(app_);
  std::promise<void> answered;
  resolver_->quick_checked = [wait = answered.get_future().share()] {
    wait.wait();
    return Result<>();
  };
  test::Started<Result<ProbeAnswer>> probe(sandbox_.io, health_->probe_with_quick_check(app_));
  probe.run_until([&] { return sandbox_.clock.waiting() > 0; });
  sandbox_.clock.advance(QuickChecks::limit);
  const auto answer = probe.result().value();
  EXPECT_EQ(answer.verdict, Verdict::unreachable);
  EXPECT_EQ(answer.decision, Decision::warn);
  answered.set_value();
  EXPECT_EQ(test::await(sandbox_.io, health_->probe_with_quick_check(app_)).value().decision, Decision::allow);
}

TEST_F(HealthTest, Probe_UnknownWorkspace_Fails) {
  EXPECT_EQ(health_->probe(Scope::workspace("nowhere").value()).error().reason, Reason::unknown_workspace);
}

TEST_F(HealthTest, Examine_AsksSourceAndApi_ProbeKnowsResult) {
  const auto report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::ok);
  EXPECT_THAT(resolver_->asked, ElementsAre(reference));
  EXPECT_THAT(upstream_.asked, ElementsAre(fingerprint('a')));
  const auto answer = health_->probe(app_).value();
  EXPECT_EQ(answer.verdict, Verdict::ok);
  EXPECT_EQ(answer.fingerprint, fingerprint('a'));
  EXPECT_TRUE(answer.fresh);
  EXPECT_EQ(resolver_->asked.size(), 1U);
}

TEST_F(HealthTest, Examine_ResultSurvivesRestart) {
  upstream_.reject();
  examine(app_);
  start();
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::rejected);
  EXPECT_EQ(health_->probe(app_)->decision, Decision::block);
}

TEST_F(HealthTest, Probe_SlotEdited_Unchecked) {
  upstream_.reject();
  examine(app_);
  sandbox_.workspace("my-app", "[claude]\noauth_token = { file = \"~/another-token\" }\n");
  const auto answer = health_->probe(app_).value();
  EXPECT_EQ(answer.verdict, Verdict::unchecked);
  EXPECT_FALSE(answer.fresh);
}

TEST_F(HealthTest, Probe_CheckTooOld_Stale) {
  examine(app_);
  sandbox_.clock.advance(std::chrono::hours(1));
  EXPECT_TRUE(health_->probe(app_)->fresh);
  EXPECT_FALSE(health_->probe(app_, std::chrono::minutes(30))->fresh);
  sandbox_.clock.advance(std::chrono::hours(24));
  EXPECT_FALSE(health_->probe(app_)->fresh);
}

TEST_F(HealthTest, Examine_Offline_AsksNoApi) {
  EXPECT_EQ(examine(app_, true).answer.verdict, Verdict::ok);
  upstream_.is_enabled = false;
  examine(app_);
  EXPECT_THAT(upstream_.asked, IsEmpty());
}

TEST_F(HealthTest, Examine_RejectedThenApiUnavailable_StaysRejected) {
  upstream_.reject();
  examine(app_);
  upstream_.fail();
  const auto report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::rejected);
  EXPECT_EQ(examine(app_, true).answer.verdict, Verdict::rejected);
  EXPECT_THAT(codes(report), Contains("warning upstream_network"));
  EXPECT_THAT(codes(report), Contains("error rejected"));
}

TEST_F(HealthTest, Examine_RejectedThenOtherToken_NotRejected) {
  upstream_.reject();
  examine(app_);
  upstream_.fail();
  resolver_->give(reference, token_like('b'));
  EXPECT_EQ(examine(app_).answer.verdict, Verdict::ok);
}

TEST_F(HealthTest, Examine_ApiUnavailable_DoesNotBlock) {
  upstream_.fail();
  const auto report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::ok);
  EXPECT_THAT(codes(report), Contains("warning upstream_network"));
}

TEST_F(HealthTest, Examine_SourceUnreachableWarns_SourceGoneBlocks) {
  resolver_->fail(reference, {Reason::source_unreachable, "the store is locked", "unlock it"});
  auto report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::unreachable);
  EXPECT_EQ(report.answer.decision, Decision::warn);
  EXPECT_THAT(report.findings, Contains(Field(&Finding::remedy, "unlock it")));
  resolver_->fail(reference, {Reason::source_gone, "there is no such file", {}});
  report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::gone);
  EXPECT_EQ(report.answer.decision, Decision::block);
  EXPECT_THAT(codes(report), ElementsAre("info mode", "error source_gone", "info history"));
  EXPECT_EQ(report.findings[1].remedy, "jackinctl rotate my-app");
}

TEST_F(HealthTest, Examine_SourceDenied_FaultButNotGone) {
  resolver_->fail(reference, {Reason::source_denied, "others can read '~/token'", "chmod 600 ~/token"});
  const auto report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::denied);
  EXPECT_EQ(report.answer.decision, Decision::block);
  EXPECT_THAT(codes(report), ElementsAre("info mode", "error source_denied"));
}

TEST_F(HealthTest, Examine_StoreRefusesTemporarily_DoesNotBlock) {
  sandbox_.workspace("my-app", "[claude]\noauth_token = { op = \"op://v/i/f\" }\n");
  resolver_->fail("op://v/i/f", {Reason::source_denied, "the 1Password app was not unlocked", {}});
  const auto report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::unreachable);
  EXPECT_EQ(report.answer.decision, Decision::warn);
}

TEST_F(HealthTest, Examine_ModeAndDecidingLayer) {
  const auto mode_of = [&](const Scope& scope) {
    const auto report = examine(scope);
    EXPECT_EQ(report.findings.front().code, "mode");
    return report.findings.front().message;
  };
  const std::string folder = sandbox_.paths.config_dir.string();
  EXPECT_EQ(mode_of(app_), "mode oauth_token, by [claude] in " + folder +
                               "/workspaces/my-app.toml; the token comes from file ~/token");
  EXPECT_EQ(mode_of(Scope::global()), "mode sync: no layer says one, and it is the default");
  sandbox_.global("[claude]\noauth_token = { file = \"~/token\" }\n");
  sandbox_.workspace("my-app",
                     "[claude]\nauth_forward = \"oauth_token\"\n[roles.deploy.claude]\nauth_forward = \"ignore\"\n");
  EXPECT_EQ(mode_of(app_), "mode oauth_token, by [claude] in " + folder +
                               "/workspaces/my-app.toml; the token comes from file ~/token, named in " + folder +
                               "/config.toml");
  EXPECT_EQ(mode_of(Scope::role("my-app", "deploy").value()),
            "mode ignore, by [roles.\"deploy\".claude] in " + folder + "/workspaces/my-app.toml");
}

TEST_F(HealthTest, Examine_NotAToken_NotSentToApi) {
  resolver_->give(reference, "correct horse battery staple");
  const auto report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::malformed);
  EXPECT_EQ(report.answer.decision, Decision::block);
  EXPECT_THAT(upstream_.asked, IsEmpty());
  for (const auto& finding : report.findings) EXPECT_THAT(finding.message, Not(HasSubstr("horse")));
}

TEST_F(HealthTest, Examine_CutToken_Malformed) {
  resolver_->give(reference, token_like('a').substr(0, 79));
  const auto report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::malformed);
  EXPECT_THAT(report.answer.summary, HasSubstr("79 of 108"));
  EXPECT_THAT(upstream_.asked, IsEmpty());
}

TEST_F(HealthTest, Examine_UnknownShape_WarnsAndApiDecides) {
  resolver_->give(reference, token_like('a') + "longer");
  upstream_.fail();
  const auto report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::ok);
  EXPECT_THAT(codes(report), Contains("warning token_shape"));
  upstream_.reject();
  EXPECT_EQ(examine(app_).answer.verdict, Verdict::rejected);
}

TEST_F(HealthTest, Examine_TokenReplacedOutside_ChangedUntilAccepted) {
  record('a', date_of(sandbox_.clock.now()) + std::chrono::days(100));
  resolver_->give(reference, token_like('b'));
  auto report = examine(app_, true);
  EXPECT_EQ(report.answer.verdict, Verdict::changed);
  EXPECT_THAT(codes(report), Contains("warning changed"));
  report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::ok);
  EXPECT_FALSE(report.answer.expires_on);
  EXPECT_THAT(codes(report), Contains("info changed"));
}

TEST_F(HealthTest, Examine_OtherOrganisation_Warns) {
  record('a');
  upstream_.answer.organization = "org-2";
  EXPECT_THAT(codes(examine(app_)), Contains("warning organisation_changed"));
}

TEST_F(HealthTest, Record_SurvivesRestart) {
  record('a', date_of(sandbox_.clock.now()) + std::chrono::days(365));
  start();
  const auto answer = health_->probe(app_).value();
  EXPECT_EQ(answer.verdict, Verdict::ok);
  EXPECT_EQ(answer.days_left, 365);
  EXPECT_TRUE(answer.fresh);
  EXPECT_EQ(health_->token_of(app_)->organization, "org-1");
}

TEST_F(HealthTest, Forget_LeavesNothing) {
  record('a', date_of(sandbox_.clock.now()) + std::chrono::days(365));
  EXPECT_TRUE(test::await(sandbox_.io, health_->forget(app_)));
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::unchecked);
  start();
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::unchecked);
  EXPECT_FALSE(health_->token_of(app_));
}

TEST_F(HealthTest, Probe_RoleInheritsToken_SameRecord) {
  sandbox_.workspace("my-app", std::string(slot) + "[roles.deploy]\n");
  record('a', date_of(sandbox_.clock.now()) + std::chrono::days(10));
  const auto answer = health_->probe(Scope::role("my-app", "deploy").value()).value();
  EXPECT_EQ(answer.verdict, Verdict::expiring);
  EXPECT_EQ(answer.days_left, 10);
  EXPECT_EQ(answer.remedy, "jackinctl rotate my-app");
}

TEST_F(HealthTest, Overview_SharedSources_Grouped) {
  sandbox_.workspace("other", slot);
  sandbox_.workspace("alone", "[claude]\noauth_token = { file = \"~/mine\" }\n");
  sandbox_.workspace("spelled-out",
                     "[claude]\noauth_token = { file = \"" + (sandbox_.home / ".//token").string() + "\" }\n");
  EXPECT_THAT(overview().groups, ElementsAre(ElementsAre(app_, Scope::workspace("other").value(),
                                                         Scope::workspace("spelled-out").value())));
  EXPECT_EQ(overview("alone").groups.size(), 1U);
}

TEST_F(HealthTest, Overview_BrokenFile_OthersListed) {
  sandbox_.workspace("broken", "[claude\n");
  const auto answers = overview().answers;
  std::vector<std::string> seen;
  for (const auto& answer : answers) seen.push_back(answer.scope.str() + " " + std::string(to_text(answer.verdict)));
  EXPECT_THAT(seen, ElementsAre("global not_managed", "broken malformed", "my-app unchecked"));
  EXPECT_THAT(answers[1].summary, HasSubstr("broken.toml"));
}

TEST_F(HealthTest, Probe_BrokenFile_BlocksWithPlace) {
  sandbox_.workspace("broken", "a = 1\n[claude\n");
  for (const char* name : {"broken", "broken:deploy"}) {
    const auto answer = health_->probe(Scope::parse(name).value()).value();
    EXPECT_EQ(answer.decision, Decision::block);
    EXPECT_EQ(answer.verdict, Verdict::malformed);
    EXPECT_FALSE(answer.mode);
    EXPECT_THAT(answer.summary, HasSubstr("workspaces/broken.toml, line 2, "));
    EXPECT_TRUE(answer.fresh);
  }
  const auto report = examine(Scope::workspace("broken").value());
  EXPECT_EQ(report.answer.verdict, Verdict::malformed);
  EXPECT_THAT(codes(report), ElementsAre("error config_invalid"));
}

TEST_F(HealthTest, Probe_BrokenGlobalFile_BlocksThoseThatNeedIt) {
  sandbox_.workspace("plain", "workdir = \"/w\"\n");
  test::write_file(sandbox_.paths.config_file(), "[claude]\nauth_forward = 1\n");
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::unchecked) << "it decides for itself";
  for (const Scope& scope : {Scope::global(), Scope::workspace("plain").value()}) {
    const auto answer = health_->probe(scope).value();
    EXPECT_EQ(answer.decision, Decision::block);
    EXPECT_THAT(answer.summary, HasSubstr("config.toml:2:"));
  }
}

TEST_F(HealthTest, Overview_OneWorkspace) {
  sandbox_.workspace("other", slot);
  const auto answers = overview("other").answers;
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].scope.str(), "other");
  const auto nowhere = test::await(sandbox_.io, health_->overview("nowhere"));
  EXPECT_EQ(nowhere.error().reason, Reason::unknown_workspace);
}

TEST_F(HealthTest, Resolve_ReturnsTokenAndRecordsResult) {
  const auto resolved = resolve();
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->token.view(), token_like('a'));
  EXPECT_EQ(resolved->fingerprint, fingerprint('a'));
  EXPECT_THAT(upstream_.asked, IsEmpty()) << "a launch waits for no network";
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::ok);
}

TEST_F(HealthTest, Resolve_SourceGone_NextProbeBlocks) {
  examine(app_);
  resolver_->fail(reference, {Reason::source_gone, "there is no such file", {}});
  EXPECT_EQ(resolve().error().reason, Reason::source_gone);
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::gone);
  start();
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::gone);
}

TEST_F(HealthTest, Resolve_NoTokenConfigured_RemedySetup) {
  sandbox_.workspace("my-app", "[claude]\nauth_forward = \"ignore\"\n");
  const auto resolved = resolve();
  EXPECT_EQ(resolved.error().reason, Reason::slot_missing);
  EXPECT_EQ(resolved.error().remedy, "jackinctl setup my-app");
}

TEST_F(HealthTest, Database_NeverHoldsToken) {
  record('a');
  examine(app_);
  EXPECT_TRUE(resolve());
  EXPECT_THAT(sandbox_.database_bytes(), Not(HasSubstr("aaaaaaaaaaaa")));
}

// --- many ------------------------------------------------------------------------------------------------------------

class ManyScopes : public HealthTest {
 protected:
  // `count` workspaces that share `sources` sources in rotation.
  void configure(int count, int sources) {
    for (int i = 0; i < count; ++i) {
      const std::string source = std::to_string(i % sources);
      sandbox_.workspace("w" + std::to_string(i), "[claude]\noauth_token = { file = \"~/t" + source + "\" }\n");
      resolver_->give("file:~/t" + source, token_like('a'));
    }
  }

  Task<> all() {
    return health_->examine_all(
        client_, true, false, [this](const ScopeReport& report) { reports_.push_back(report); },
        [this](std::size_t done, std::size_t total, const std::string&) { progress_.emplace_back(done, total); });
  }

  const Environment client_;
  std::vector<ScopeReport> reports_;
  std::vector<std::pair<std::size_t, std::size_t>> progress_;
};

TEST_F(ManyScopes, ExamineAll_EachSourceOnce_EveryScopeReported) {
  configure(200, 20);
  ASSERT_TRUE(test::await(sandbox_.io, all()));
  // my-app is the 21st source.
  EXPECT_EQ(resolver_->asked.size(), 21U);
  EXPECT_EQ(upstream_.asked.size(), 21U);
  // The global scope as well.
  EXPECT_EQ(reports_.size(), 202U);
  EXPECT_EQ(progress_.back().second, 21U);
  for (const auto& answer : overview().answers) {
    if (answer.mode != config::AuthMode::oauth_token) continue;
    EXPECT_EQ(answer.verdict, Verdict::ok) << answer.scope.str();
  }
}

// The number of scopes that a pass answers between two turns of other work, and the number of such turns.
struct TurnsOfOthers {
  std::size_t most = 0;
  std::size_t turns = 0;
  std::size_t answered_since = 0;
  bool is_over = false;
};

asio::awaitable<void> probe_all_the_time(Health& health, Scope scope, TurnsOfOthers& seen) {
  const auto executor = co_await asio::this_coro::executor;
  while (!seen.is_over) {
    EXPECT_TRUE(health.probe(scope));
    ++seen.turns;
    seen.answered_since = 0;
    co_await asio::post(executor, asio::use_awaitable);
  }
}

TEST_F(ManyScopes, Passes_ProbeAnsweredBetweenSlices) {
  configure(200, 20);
  TurnsOfOthers seen;
  const auto count = [&] { seen.most = std::max(seen.most, ++seen.answered_since); };
  const auto walk = [&](auto task) {
    seen = {};
    asio::co_spawn(sandbox_.io, probe_all_the_time(*health_, app_, seen), asio::detached);
    const auto result = test::await(sandbox_.io, std::move(task));
    seen.is_over = true;
    sandbox_.io.restart();
    sandbox_.io.poll();
    EXPECT_TRUE(result);
    EXPECT_GE(seen.turns, 202 / async::Slices::most_steps);
  };
  const Health::EachAnswer each = [&](const ProbeAnswer&) { count(); };
  walk(health_->each_answer(each));
  EXPECT_GT(seen.most, 0U);
  EXPECT_LE(seen.most, async::Slices::most_steps);
  walk(health_->overview());
  walk(all());
}

TEST_F(ManyScopes, Overview_OneVersionOfGlobalFile) {
  for (int i = 0; i < 200; ++i) sandbox_.workspace("heir-" + std::to_string(i), "workdir = \"/w\"\n");
  const auto write_global = [&](const std::string& file) {
    test::write_file(sandbox_.paths.config_file(), "[claude]\noauth_token = { file = \"~/" + file + "\" }\n");
  };
  write_global("before");
  test::Started<Result<Overview>> walk(sandbox_.io, health_->overview());
  // The pass is in its first turns: it has at least 13.
  int events = 0;
  walk.run_until([&] { return ++events > 6; });
  ASSERT_FALSE(walk.has_ended());
  write_global("after-it");
  const auto all = walk.result().value();
  for (const auto& answer : all.answers) {
    const bool inherits = answer.scope.is_global() || answer.scope.workspace_name().starts_with("heir-");
    if (inherits) {
      EXPECT_THAT(answer.source, HasSubstr("after-it")) << answer.scope.str();
    }
  }
}

TEST_F(ManyScopes, ExamineAll_Command_RunOnceForTrustedFilesOnly) {
  for (const std::string name : {"aaa", "my-app", "zzz"}) {
    sandbox_.workspace(name, "[claude]\noauth_token = { command = [\"print-token\"] }\n");
  }
  chmod((sandbox_.paths.workspaces_dir() / "aaa.toml").c_str(), 0666);
  resolver_->give("command:print-token", token_like('a'));
  ASSERT_TRUE(test::await(sandbox_.io, all()));
  EXPECT_EQ(resolver_->asked.size(), 1U);
  EXPECT_EQ(health_->probe(Scope::workspace("aaa").value())->verdict, Verdict::unreachable);
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::ok);
  EXPECT_EQ(health_->probe(Scope::workspace("zzz").value())->verdict, Verdict::ok);
}

TEST_F(ManyScopes, ExamineAll_EightAtATime) {
  configure(20, 20);
  std::size_t at_once = 0;
  std::size_t most = 0;
  resolver_->before_answer = [&]() -> asio::awaitable<void> {
    most = std::max(most, ++at_once);
    static_cast<void>(co_await sandbox_.clock.wait(std::chrono::seconds(1)));
    --at_once;
  };
  test::Started<Result<>> started(sandbox_.io, all());
  int seconds = 0;
  while (!started.has_ended()) {
    started.run_until(
        [&] { return started.has_ended() || sandbox_.clock.waiting() == std::min<std::size_t>(8, 21 - 8 * seconds); });
    if (started.has_ended()) break;
    sandbox_.clock.advance(std::chrono::seconds(1));
    ++seconds;
  }
  EXPECT_TRUE(started.result());
  EXPECT_EQ(most, 8U);
  EXPECT_EQ(seconds, 3);
}

TEST_F(ManyScopes, ExamineAll_BrokenFile_OthersReported) {
  sandbox_.workspace("broken", "[claude");
  ASSERT_TRUE(test::await(sandbox_.io, all()));
  EXPECT_EQ(reports_.size(), 3U);
  EXPECT_EQ(std::count_if(reports_.begin(), reports_.end(),
                          [](const ScopeReport& report) { return report.answer.verdict == Verdict::malformed; }),
            1);
}

TEST_F(ManyScopes, ExamineAll_ClientGone_Stops) {
  configure(20, 20);
  resolver_->before_answer = [&]() -> asio::awaitable<void> {
    static_cast<void>(co_await sandbox_.clock.wait(std::chrono::seconds(1)));
  };
  test::Started<Result<>> started(sandbox_.io, all());
  started.run_until([&] { return sandbox_.clock.waiting() == 8; });
  started.cancel();
  EXPECT_EQ(started.result().error().reason, Reason::cancelled);
  EXPECT_EQ(resolver_->asked.size(), 8U);
}

// --- launches --------------------------------------------------------------------------------------------------------

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
  EXPECT_EQ(health_->probe(*Scope::workspace("same"))->fingerprint, fingerprint('a'));
  EXPECT_FALSE(health_->probe(*Scope::workspace("mine"))->fingerprint);
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
  EXPECT_EQ(refused.error().remedy, "chmod go-w " + file);
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
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::rejected);
  EXPECT_EQ(health_->probe(app_)->decision, Decision::block);
  // It is not cached: the next launch reads again.
  resolver_->give("op://v/i/f", token_like('c'));
  upstream_.accept();
  ASSERT_TRUE(resolve());
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::ok);
}

TEST_F(LaunchedFromOp, Resolve_ApiUnavailable_NotAskedAtEveryLaunch) {
  record_from_op('a');
  upstream_.asked.clear();
  resolver_->give("op://v/i/f", token_like('b'));
  upstream_.fail();
  for (int launch = 0; launch < 3; ++launch) {
    cache_.drop_all();
    ASSERT_TRUE(resolve());
    EXPECT_EQ(health_->probe(app_)->verdict, Verdict::changed);
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

// --- expiry, history, refresh ----------------------------------------------------------------------------------------

TEST_F(HealthTest, Expiry_AdoptedToken_FromStore) {
  resolver_->expires_on = parse_date("2026-12-01");
  const auto report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::expiring);
  EXPECT_EQ(report.answer.days_left, 8);
  start();
  EXPECT_EQ(health_->probe(app_)->expires_on, parse_date("2026-12-01"));
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
  const auto history = sandbox_.database->history(configuration_->effective(app_)->key).value();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].verdict, "rejected");
  EXPECT_EQ(history[1].verdict, "ok");
  examine(app_);
  EXPECT_EQ(sandbox_.database->history(configuration_->effective(app_)->key)->size(), 2U);
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
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::ok);
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
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::rejected);
}

TEST_F(HealthTest, Refresh_ClockSetBack_ApiStillAsked) {
  const auto refresh = [&] { return test::await(sandbox_.io, health_->refresh(app_, {})); };
  ASSERT_TRUE(refresh());
  sandbox_.clock.set_now(sandbox_.clock.now() - std::chrono::hours(24 * 300));
  upstream_.reject();
  ASSERT_TRUE(refresh());
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::rejected);
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
  EXPECT_EQ(health_->probe(app_)->verdict, Verdict::rejected);
}

TEST_F(HealthTest, ClockSetBack_LastCheckCounts) {
  const auto other = Scope::workspace("other").value();
  sandbox_.workspace("other", slot);
  upstream_.reject();
  examine(other);
  ASSERT_EQ(health_->probe(app_)->verdict, Verdict::rejected) << "it is the same token";
  sandbox_.clock.set_now(sandbox_.clock.now() - std::chrono::hours(24 * 300));
  upstream_.accept();
  EXPECT_EQ(examine(app_).answer.verdict, Verdict::ok);
  for (const bool is_restarted : {false, true}) {
    if (is_restarted) start();
    for (const auto& scope : {app_, other}) EXPECT_EQ(health_->probe(scope)->verdict, Verdict::ok) << is_restarted;
    EXPECT_TRUE(health_->probe(app_)->fresh);
  }
  // The result of a launch counts too, although it is not written when it is not new.
  sandbox_.clock.advance(std::chrono::hours(1));
  ASSERT_TRUE(resolve());
  EXPECT_EQ(health_->probe(other)->checked_at, sandbox_.clock.now());
}

TEST_F(HealthTest, MaxAge_Changed_AppliesAtOnce) {
  examine(app_);
  sandbox_.clock.advance(std::chrono::hours(2));
  ASSERT_TRUE(health_->probe(app_)->fresh);
  health_->set_max_age(std::chrono::hours(1));
  EXPECT_FALSE(health_->probe(app_)->fresh);
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
