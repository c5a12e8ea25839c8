// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/health.hpp"

#include <SQLiteCpp/Database.h>

#include "common/remedy_command.hpp"
#include "common/words.hpp"
#include "tests/unit/health/health_fixture.hpp"

namespace jackin::health {
namespace {

using test::token_like;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

TEST_F(HealthTest, Probe_AsksNeitherSourceNorApi) {
  EXPECT_EQ(probed(app_)->verdict, Verdict::unchecked);
  EXPECT_THAT(resolver_->asked, IsEmpty());
  EXPECT_THAT(upstream_.asked, IsEmpty());
}

TEST_F(HealthTest, Details_AllThatIsKnown_SourceNotAsked) {
  sandbox_.workspace("other", slot);
  examine(app_);
  upstream_.reject();
  examine(app_);
  const auto self = identify_process(getpid()).value();
  ASSERT_TRUE(sandbox_.database->add_handout({app_, fingerprint('a'), self.pid, self.start_time, "claude", {}}));
  const auto asked = resolver_->asked;
  const auto details = test::await(sandbox_.io, health_->details(app_)).value();
  EXPECT_EQ(resolver_->asked, asked);
  EXPECT_EQ(details.report.answer.verdict, Verdict::rejected);
  EXPECT_EQ(details.report.answer.owner, app_);
  EXPECT_THAT(codes(details.report), Contains("error rejected"));
  ASSERT_EQ(details.history.size(), 2U);
  EXPECT_EQ(details.history[0].verdict, Verdict::rejected);
  ASSERT_EQ(details.holders.size(), 1U);
  EXPECT_EQ(details.holders[0].pid, self.pid);
  EXPECT_THAT(details.shared_with, ElementsAre(Scope::workspace("other").value()));
  EXPECT_EQ(details.file, "workspaces/my-app.toml");
  EXPECT_FALSE(details.recorded_at);
}

TEST_F(HealthTest, Details_RecordsUnreadable_FindingsSaySo) {
  examine(app_);
  {
    SQLite::Database database(sandbox_.paths.database().string(), SQLite::OPEN_READWRITE);
    database.exec("DROP TABLE history");
    database.exec("DROP TABLE handout");
  }
  const auto details = test::await(sandbox_.io, health_->details(app_)).value();
  EXPECT_EQ(details.report.answer.verdict, Verdict::ok);
  EXPECT_THAT(codes(details.report), IsSupersetOf({"warning history_unreadable", "warning holders_unreadable"}));
  EXPECT_THAT(details.history, IsEmpty());
}

TEST_F(HealthTest, Details_BrokenFile_ItsError) {
  sandbox_.workspace("my-app", "[claude\n");
  const auto details = test::await(sandbox_.io, health_->details(app_)).value();
  EXPECT_EQ(details.report.answer.verdict, Verdict::malformed);
  EXPECT_THAT(codes(details.report), ElementsAre("error config_invalid"));
  const auto unknown = test::await(sandbox_.io, health_->details(Scope::workspace("unknown").value()));
  EXPECT_EQ(unknown.error().reason, Reason::unknown_workspace);
}

TEST_F(HealthTest, Probe_RecordedToken_OriginAndLifetime) {
  state::TokenRecord record;
  record.scope = app_;
  record.reference = reference;
  record.fingerprint = fingerprint('a');
  record.recorded_at = sandbox_.clock.now();
  record.expires_on = date_of(sandbox_.clock.now()) + std::chrono::days(90);
  record.expiry_estimated = true;
  record.minted_by_us = true;
  ASSERT_TRUE(test::await(sandbox_.io, health_->record(record, {})));
  const auto answer = probed(app_).value();
  EXPECT_TRUE(answer.created_by_jackind);
  EXPECT_TRUE(answer.expiry_estimated);
  EXPECT_EQ(answer.lifetime_days, 90);
  resolver_->give(reference, test::token_like('b'));
  examine(app_);
  EXPECT_FALSE(probed(app_)->created_by_jackind) << "another token than the recorded one";
  EXPECT_EQ(probed(app_)->lifetime_days, std::nullopt);
}

TEST_F(HealthTest, Probe_TextExcludesToken_BlocksWithoutReading) {
  resolver_->text_is_wrong = Error{Reason::source_invalid, "the configured string is not a token: it is empty", {}};
  const auto answer = probed(app_).value();
  EXPECT_EQ(answer.decision, Decision::block);
  EXPECT_EQ(answer.summary, "workspaces/my-app.toml:2:15: the configured string is not a token: it is empty");
  EXPECT_EQ(command_line(answer.remedy),
            "${EDITOR:-vi} +2 \"${JACKIN_CONFIG_DIR:-$HOME/.config/jackin}\"/workspaces/my-app.toml");
  const auto refused = resolve();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, answer.summary);
  EXPECT_EQ(command_line(refused.error().remedy), command_line(answer.remedy));
  const auto report = examine(app_);
  EXPECT_EQ(report.answer.decision, Decision::block);
  EXPECT_THAT(codes(report), Contains("error source_invalid"));
  EXPECT_THAT(resolver_->asked, IsEmpty());
}

TEST_F(HealthTest, Probe_MisspelledKey_BlocksWithLine) {
  sandbox_.workspace("my-app", "[Claude]\noauth_token = { file = \"~/token\" }\n");
  const auto answer = probed(app_).value();
  EXPECT_EQ(answer.decision, Decision::block);
  EXPECT_EQ(answer.summary, "workspaces/my-app.toml:1:1: unknown key 'Claude'; did you mean 'claude'?");
  EXPECT_THAT(codes(examine(app_)), Contains("error malformed"));
}

TEST_F(HealthTest, ProbeWithQuickCheck_OverridesRecord) {
  const auto probe = [&] { return test::await(sandbox_.io, health_->probe_with_quick_check(app_)).value(); };
  examine(app_);
  EXPECT_EQ(probe().verdict, Verdict::ok);
  resolver_->quick_checked = [] {
    return Result<>(
        failure(Reason::source_denied, "others can read it", Remedy::set_access("x", PathAccess::private_file)));
  };
  EXPECT_EQ(probe().verdict, Verdict::denied);
  EXPECT_EQ(probe().decision, Decision::block);
  EXPECT_EQ(command_line(probe().remedy), "chmod 600 x");
  resolver_->fail(reference,
                  {Reason::source_denied, "others can read it", Remedy::set_access("x", PathAccess::private_file)});
  EXPECT_EQ(examine(app_).answer.verdict, Verdict::denied) << "and a check that says the same is not overlooked";
  // Fixed: the launch reads the content.
  resolver_->quick_checked = [] { return Result<>(); };
  EXPECT_EQ(probe().decision, Decision::allow);
}

TEST_F(HealthTest, Probe_ConfigurationDoesNotAnswer_Warns) {
  const auto file = (sandbox_.paths.workspaces_dir() / "my-app.toml").string();
  const auto reached = std::make_shared<std::promise<void>>();
  std::promise<void> answers;
  config::FileCalls calls = config::FileCalls::of_system(sandbox_.paths);
  calls.read = [file, reached, wait = answers.get_future().share(), read = calls.read](
                   const std::string& path, const Paths& paths, std::shared_ptr<const config::ParsedFile> known) {
    if (path == file) {
      reached->set_value();
      wait.wait();
    }
    return read(path, paths, std::move(known));
  };
  config::Configuration configuration(sandbox_.paths, sandbox_.clock, std::move(calls));
  Health health(
      {sandbox_.clock, sandbox_.pool, configuration, *sources_, upstream_, *sandbox_.database, std::chrono::hours(24)});
  test::Started<Result<ProbeAnswer>> probe(sandbox_.io, health.probe(app_));
  probe.run_until([&] { return sandbox_.clock.waiting() == 1; });
  reached->get_future().wait();
  sandbox_.clock.advance(config::Configuration::quick);
  const auto answer = probe.result().value();
  EXPECT_EQ(answer.verdict, Verdict::unreachable);
  EXPECT_EQ(answer.decision, Decision::warn);
  EXPECT_EQ(answer.summary, "workspaces/my-app.toml cannot be read: " + file + " does not answer");
  EXPECT_EQ(command_line(answer.remedy), "# when " + file + " answers again");
  EXPECT_FALSE(answer.mode);
  answers.set_value();
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
  const asio::executor_work_guard<asio::io_context::executor_type> busy{sandbox_.io.get_executor()};
  answered.set_value();
  sandbox_.io.restart();
  sandbox_.io.run_one();  // the thread's report
  EXPECT_EQ(test::await(sandbox_.io, health_->probe_with_quick_check(app_)).value().decision, Decision::allow);
}

TEST_F(HealthTest, Probe_UnknownWorkspace_Fails) {
  EXPECT_EQ(probed(Scope::workspace("nowhere").value()).error().reason, Reason::unknown_workspace);
}

TEST_F(HealthTest, Examine_AsksSourceAndApi_ProbeKnowsResult) {
  const auto report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::ok);
  EXPECT_THAT(resolver_->asked, ElementsAre(reference));
  EXPECT_THAT(upstream_.asked, ElementsAre(fingerprint('a')));
  const auto answer = probed(app_).value();
  EXPECT_EQ(answer.verdict, Verdict::ok);
  EXPECT_EQ(answer.fingerprint, fingerprint('a'));
  EXPECT_TRUE(answer.fresh);
  EXPECT_EQ(resolver_->asked.size(), 1U);
}

TEST_F(HealthTest, Examine_ResultSurvivesRestart) {
  upstream_.reject();
  examine(app_);
  start();
  EXPECT_EQ(probed(app_)->verdict, Verdict::rejected);
  EXPECT_EQ(probed(app_)->decision, Decision::block);
}

TEST_F(HealthTest, Probe_SlotEdited_Unchecked) {
  upstream_.reject();
  examine(app_);
  sandbox_.workspace("my-app", "[claude]\noauth_token = { file = \"~/another-token\" }\n");
  const auto answer = probed(app_).value();
  EXPECT_EQ(answer.verdict, Verdict::unchecked);
  EXPECT_FALSE(answer.fresh);
}

TEST_F(HealthTest, Probe_CheckTooOld_Stale) {
  examine(app_);
  sandbox_.clock.advance(std::chrono::hours(1));
  EXPECT_TRUE(probed(app_)->fresh);
  EXPECT_FALSE(probed(app_, std::chrono::minutes(30))->fresh);
  sandbox_.clock.advance(std::chrono::hours(24));
  EXPECT_FALSE(probed(app_)->fresh);
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
  resolver_->fail(reference,
                  {Reason::source_unreachable, "the store is locked", Remedy::of(RemedyAction::unlock_keychain)});
  auto report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::unreachable);
  EXPECT_EQ(report.answer.decision, Decision::warn);
  EXPECT_THAT(report.findings, Contains(Field(&Finding::remedy, Remedy::of(RemedyAction::unlock_keychain))));
  resolver_->fail(reference, {Reason::source_gone, "there is no such file", {}});
  report = examine(app_);
  EXPECT_EQ(report.answer.verdict, Verdict::gone);
  EXPECT_EQ(report.answer.decision, Decision::block);
  EXPECT_THAT(codes(report), ElementsAre("info mode", "error source_gone", "info history"));
  EXPECT_EQ(command_line(report.findings[1].remedy), "jackinctl rotate my-app");
}

TEST_F(HealthTest, Examine_SourceDenied_FaultButNotGone) {
  resolver_->fail(reference, {Reason::source_denied, "others can read '~/token'",
                              Remedy::set_access("~/token", PathAccess::private_file)});
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
  EXPECT_EQ(mode_of(Scope::global()), "mode sync: default, not configured");
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
  const auto answer = probed(app_).value();
  EXPECT_EQ(answer.verdict, Verdict::ok);
  EXPECT_EQ(answer.days_left, 365);
  EXPECT_TRUE(answer.fresh);
  EXPECT_EQ(health_->token_of(app_)->organization, "org-1");
}

TEST_F(HealthTest, Forget_LeavesNothing) {
  record('a', date_of(sandbox_.clock.now()) + std::chrono::days(365));
  EXPECT_TRUE(test::await(sandbox_.io, health_->forget(app_)));
  EXPECT_EQ(probed(app_)->verdict, Verdict::unchecked);
  start();
  EXPECT_EQ(probed(app_)->verdict, Verdict::unchecked);
  EXPECT_FALSE(health_->token_of(app_));
}

TEST_F(HealthTest, Probe_RoleInheritsToken_SameRecord) {
  sandbox_.workspace("my-app", std::string(slot) + "[roles.deploy]\n");
  record('a', date_of(sandbox_.clock.now()) + std::chrono::days(10));
  const auto answer = probed(Scope::role("my-app", "deploy").value()).value();
  EXPECT_EQ(answer.verdict, Verdict::expiring);
  EXPECT_EQ(answer.days_left, 10);
  EXPECT_EQ(command_line(answer.remedy), "jackinctl rotate my-app");
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
  for (const auto& answer : answers) seen.push_back(answer.scope.str() + " " + std::string(word_of(answer.verdict)));
  EXPECT_THAT(seen, ElementsAre("global not_managed", "broken malformed", "my-app unchecked"));
  EXPECT_THAT(answers[1].summary, HasSubstr("broken.toml"));
}

TEST_F(HealthTest, Probe_BrokenFile_BlocksWithPlace) {
  sandbox_.workspace("broken", "a = 1\n[claude\n");
  for (const char* name : {"broken", "broken:deploy"}) {
    const auto answer = probed(Scope::parse(name).value()).value();
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
  EXPECT_EQ(probed(app_)->verdict, Verdict::unchecked) << "it decides for itself";
  for (const Scope& scope : {Scope::global(), Scope::workspace("plain").value()}) {
    const auto answer = probed(scope).value();
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

TEST_F(HealthTest, Database_NeverHoldsToken) {
  record('a');
  examine(app_);
  EXPECT_TRUE(resolve());
  EXPECT_THAT(sandbox_.database_bytes(), Not(HasSubstr("aaaaaaaaaaaa")));
}

}  // namespace
}  // namespace jackin::health
