// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/rotate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>

#include "common/remedy_command.hpp"
#include "daemon/state/journal_detail.hpp"
#include "tests/unit/lifecycle/saga_fixture.hpp"

namespace jackin::lifecycle {
namespace {

using test::token_like;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class RotateTest : public TokenTest {
 protected:
  RotateRequest request(const Scope& scope) { return request_for<RotateRequest>(scope); }
  Result<TokenReport> run(RotateRequest request) { return run_saga<Rotate>(std::move(request)); }
  Result<TokenReport> run() { return run(request(app_)); }
};

TEST_F(RotateTest, Rotate_SamePlace_OldDeletedLast) {
  core_.claude_shows(token_like('n'));
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(step_names(), ElementsAre("program", "mint", "captured", "verify", "store", "read_back", "write_config",
                                        "record", "delete_old"));
  ASSERT_EQ(core_.os_store.items().size(), 1U);
  EXPECT_EQ(core_.os_store.items().begin()->second.token.view(), token_like('n'));
  EXPECT_TRUE(report->deleted_old);
  EXPECT_TRUE(report->created);
  EXPECT_EQ(report->store, SourceKind::secret_service);
  EXPECT_EQ(report->fingerprint, Digest::of(token_like('n')).fingerprint());
  EXPECT_EQ(report->days_left, 365);
  EXPECT_THAT(text(), HasSubstr("# mine\n[claude]\n"));
  EXPECT_THAT(text(), HasSubstr("# here"));
  EXPECT_EQ(secrets::reference_of(*core_.configuration().effective(app_)->source), report->reference);
  EXPECT_EQ(core_.probe(app_)->verdict, Verdict::ok);
  EXPECT_THAT(unfinished(), IsEmpty());
}

// The slot of the old token as an external slot.
constexpr const char* external_pair =
    "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$JACKIND_TOKEN_x\"\n";
constexpr const char* external_entry =
    "[tokens.JACKIND_TOKEN_x]\noauth_token = { os_store = \"jackin\", account = \"old\" }\n";

TEST_F(RotateTest, Rotate_ExternalSlot_OneWriteForAllThatNameIt) {
  core_.sandbox.workspace("my-app", external_pair);
  core_.sandbox.workspace("other", external_pair);
  core_.sandbox.write_configuration("jackind-slots.toml", external_entry);
  core_.claude_shows(token_like('n'));
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->slot_style, SlotStyle::external);
  EXPECT_EQ(text(), external_pair);
  EXPECT_EQ(text("other"), external_pair);
  EXPECT_TRUE(report->deleted_old);
  for (const Scope& scope : {app_, other_}) {
    EXPECT_EQ(secrets::reference_of(*core_.configuration().effective(scope)->source), report->reference);
    EXPECT_EQ(core_.health().token_of(scope)->reference, report->reference) << scope.str();
    EXPECT_EQ(core_.probe(scope)->verdict, Verdict::ok);
  }
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RotateTest, Rotate_OtherModeOnSameVariable_ModeKeptWithoutWarning) {
  const std::string ignored =
      "[claude]\nauth_forward = \"ignore\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$JACKIND_TOKEN_x\"\n";
  core_.sandbox.workspace("my-app", external_pair);
  core_.sandbox.workspace("other", ignored);
  core_.sandbox.write_configuration("jackind-slots.toml", external_entry);
  core_.claude_shows(token_like('n'));
  ASSERT_TRUE(run());
  EXPECT_EQ(text("other"), ignored);
  EXPECT_FALSE(core_.health().token_of(other_));
  EXPECT_FALSE(has_old());
  EXPECT_THAT(core_.user.notices, Not(Contains(HasSubstr("'other'"))));
  // With all that share the token, it is written too: the entry that this rotation wrote is no conflict.
  core_.claude_shows(token_like('m'));
  auto all = request(app_);
  all.with_sharing = true;
  ASSERT_TRUE(run(all));
  EXPECT_EQ(text("other"), external_pair);
  EXPECT_THAT(core_.user.notices, Not(Contains(HasSubstr("keeps the old token"))));
}

TEST_F(RotateTest, Rotate_OlderPairInto_OtherStore_BecomesExternal) {
  core_.sandbox.workspace("my-app",
                          "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$MINE\"\n");
  core_.claude_shows(token_like('n'));
  auto wanted = request(app_);
  wanted.place.store = SourceKind::file;
  const auto report = run(wanted);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->slot_style, SlotStyle::external);
  EXPECT_THAT(text(), HasSubstr("\"$JACKIND_TOKEN_my_2dapp\""));
  EXPECT_EQ(core_.probe(app_)->verdict, Verdict::ok);
}

TEST_F(RotateTest, Rotate_NoOwnToken_NamesScopeThatHasIt) {
  core_.sandbox.workspace("my-app", slot_of_old);
  core_.sandbox.workspace("none", "");
  const auto role = Scope::role("my-app", "review").value();
  core_.sandbox.workspace("my-app", std::string(slot_of_old) + "[roles.review]\n");
  const auto inherited = run(request(role));
  ASSERT_FALSE(inherited);
  EXPECT_EQ(inherited.error().reason, Reason::slot_missing);
  EXPECT_EQ(command_line(inherited.error().remedy), "jackinctl rotate my-app");
  const auto nothing = run(request(Scope::workspace("none").value()));
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().reason, Reason::slot_missing);
  EXPECT_EQ(command_line(nothing.error().remedy), "jackinctl setup none");
  EXPECT_EQ(run(request(Scope::workspace("unheard-of").value())).error().reason, Reason::unknown_workspace);
}

TEST_F(RotateTest, Rotate_AnyStepFails_OldTokenKept) {
  core_.user.answer = [] { return ChoiceKey{ChoiceKind::give_up}; };
  const auto before = core_.sandbox.configuration();
  const std::vector<std::pair<std::string, std::function<void()>>> troubles{
      {"no claude", [&] { core_.sandbox.take_off_path("claude"); }},
      {"refused",
       [&] {
         core_.sandbox.put_on_path("claude");
         core_.terminals.expect("no", 1);
       }},
      {"rejected",
       [&] {
         core_.claude_shows(token_like('n'));
         core_.upstream.reject();
       }},
      {"store down",
       [&] {
         core_.upstream.accept();
         core_.claude_shows(token_like('n'));
         core_.os_store.put_fails = Error{Reason::store_failed, "no", {}};
       }},
      {"read back another",
       [&] {
         core_.os_store.put_fails.reset();
         core_.claude_shows(token_like('n'));
         core_.os_store.reads_another = true;
       }},
  };
  for (const auto& [name, make] : troubles) {
    make();
    EXPECT_FALSE(run()) << name;
    EXPECT_EQ(core_.sandbox.configuration(), before) << name;
    EXPECT_EQ(core_.os_store.items().size(), 1U) << name;
    EXPECT_TRUE(has_old()) << name;
    EXPECT_THAT(unfinished(), IsEmpty()) << name;
  }
}

TEST_F(RotateTest, Rotate_OldUsedByOtherScope_Kept) {
  core_.sandbox.workspace("other", slot_of_old);
  core_.claude_shows(token_like('n'));
  const auto report = run();
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->deleted_old);
  EXPECT_TRUE(has_old());
  EXPECT_EQ(text("other"), slot_of_old);
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("'other' uses it | jackinctl rotate other")));
  EXPECT_THAT(step_names(), Not(Contains("delete_old")));
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RotateTest, Rotate_OldUsedByOtherSpelling_Kept) {
  const auto in_file = core_.files.keep("x", token_like('o'));
  know(app_, in_file, true);
  core_.sandbox.workspace("my-app", "[claude]\noauth_token = { file = \"/fake/x\" }\n");
  core_.sandbox.workspace("other", "[claude]\noauth_token = { file = \"/fake/./x\" }\n");
  core_.claude_shows(token_like('n'));
  const auto report = run();
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->deleted_old);
  EXPECT_TRUE(core_.files.items().contains("file:/fake/x"));
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("'other' uses it | jackinctl rotate other")));
}

TEST_F(RotateTest, Rotate_WithSharing_AllScopesGetNewToken) {
  core_.sandbox.workspace("other", slot_of_old);
  core_.claude_shows(token_like('n'));
  auto wanted = request(app_);
  wanted.with_sharing = true;
  const auto report = run(std::move(wanted));
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->deleted_old);
  EXPECT_FALSE(has_old());
  for (const Scope& scope : {app_, other_}) {
    EXPECT_EQ(secrets::reference_of(*core_.configuration().effective(scope)->source), report->reference);
    EXPECT_EQ(core_.probe(scope)->verdict, Verdict::ok);
    EXPECT_EQ(core_.probe(scope)->days_left, 365);
  }
}

TEST_F(RotateTest, Rotate_WithSharing_EachFormKept) {
  const auto in_op = core_.op.keep("old-op", token_like('o'));
  const std::string source = "{ op = \"" + secrets::reference_of(in_op) + "\" }";
  core_.sandbox.workspace("my-app", "[claude]\noauth_token = " + source + "\n");
  core_.sandbox.workspace(
      "other", "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = " + source + "\n");
  core_.claude_shows(token_like('n'));
  auto wanted = request(app_);
  wanted.with_sharing = true;
  const auto report = run(std::move(wanted));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->deleted_old);
  EXPECT_THAT(text(), HasSubstr("oauth_token = { op = \"" + report->reference));
  EXPECT_THAT(text("other"), HasSubstr("CLAUDE_CODE_OAUTH_TOKEN = { op = \"" + report->reference));
}

TEST_F(RotateTest, Rotate_Adopted_NotDeleted) {
  know(app_, old_, false);
  core_.claude_shows(token_like('n'));
  const auto report = run();
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->deleted_old);
  EXPECT_TRUE(has_old());
  EXPECT_NE(report->reference, secrets::reference_of(old_));
}

TEST_F(RotateTest, Rotate_ForeignPlace_Overwritten) {
  const auto theirs = core_.os_store.keep("theirs", token_like('t'), false);
  core_.sandbox.workspace("other", "[claude]\noauth_token = { os_store = \"jackin\", account = \"theirs\" }\n");
  core_.sandbox.workspace("fellow", "[claude]\noauth_token = { os_store = \"jackin\", account = \"theirs\" }\n");
  know(other_, theirs, false);
  know(Scope::workspace("fellow").value(), theirs, false);
  core_.claude_shows(token_like('n'));
  const auto report = run(request(other_));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->reference, secrets::reference_of(theirs));
  EXPECT_EQ(core_.os_store.items().at(report->reference).token.view(), token_like('n'));
  EXPECT_FALSE(report->deleted_old);
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("replaces the old one in")));
  // The other scopes with this source have the new token as well, and report no change by another program.
  EXPECT_EQ(core_.probe(Scope::workspace("fellow").value())->verdict, Verdict::ok);
  EXPECT_EQ(core_.probe(other_)->verdict, Verdict::ok);
}

TEST_F(RotateTest, Rotate_ReadBackDiffers_OverwrittenValueRestored) {
  const auto theirs = core_.os_store.keep("theirs", token_like('t'), false);
  core_.sandbox.workspace("other", "[claude]\noauth_token = { os_store = \"jackin\", account = \"theirs\" }\n");
  core_.os_store.reads_another = true;
  core_.user.answer = [] { return ChoiceKey{ChoiceKind::give_up}; };
  core_.claude_shows(token_like('n'));
  EXPECT_EQ(run(request(other_)).error().reason, Reason::read_back_mismatch);
  EXPECT_EQ(core_.os_store.items().at(secrets::reference_of(theirs)).token.view(), token_like('t'));
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RotateTest, Rotate_OtherStore_Moved) {
  core_.claude_shows(token_like('n'));
  auto wanted = request(app_);
  wanted.place.store = SourceKind::file;
  const auto report = run(std::move(wanted));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->store, SourceKind::file);
  EXPECT_EQ(core_.files.items().size(), 1U);
  EXPECT_THAT(core_.os_store.items(), IsEmpty());
  EXPECT_TRUE(report->deleted_old);
}

TEST_F(RotateTest, Rotate_Literal_ReplacedInConfiguration) {
  core_.sandbox.workspace("my-app", "[claude]\noauth_token = \"" + token_like('o') + "\"\n");
  core_.claude_shows(token_like('n'));
  const auto report = run();
  ASSERT_TRUE(report);
  EXPECT_EQ(text(), "[claude]\noauth_token = \"" + token_like('n') + "\"\n");
  EXPECT_EQ(report->store, SourceKind::literal);
  EXPECT_FALSE(report->deleted_old);
  EXPECT_FALSE(report->created);
}

TEST_F(RotateTest, Rotate_Variable_RefusedUnlessMoved) {
  core_.sandbox.workspace("my-app", "[claude]\noauth_token = { env = \"MY_TOKEN\" }\n");
  const auto refused = run();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::unsupported);
  EXPECT_EQ(command_line(refused.error().remedy), "jackinctl rotate my-app --store file");
  EXPECT_EQ(core_.terminals.started(), 0);
  auto moved = request(app_);
  moved.place.store = SourceKind::file;
  core_.claude_shows(token_like('n'));
  const auto report = run(std::move(moved));
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->deleted_old);
}

TEST_F(RotateTest, Rotate_PlainVariableOrCommand_LiteralInItsPlace) {
  const std::vector<std::pair<std::string, std::string>> sources{{"{ env = \"MY_TOKEN\" }", "MY_TOKEN"},
                                                                 {"{ command = [\"/bin/give\"] }", "/bin/give"}};
  for (const auto& [source, name] : sources) {
    core_.sandbox.workspace("my-app", "[claude]\noauth_token = " + source + " # here\n");
    core_.user.notices.clear();
    core_.claude_shows(token_like('n'));
    auto wanted = request(app_);
    wanted.plain = true;
    const auto report = run(std::move(wanted));
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(text(), "[claude]\noauth_token = \"" + token_like('n') + "\" # here\n");
    EXPECT_EQ(report->store, SourceKind::literal);
    EXPECT_FALSE(report->deleted_old);
    EXPECT_THAT(core_.user.notices, Contains(AllOf(HasSubstr("the old token stays in its source: "), HasSubstr(name))));
  }
}

TEST_F(RotateTest, Rotate_PlainFromStore_LiteralAndOldDeleted) {
  core_.claude_shows(token_like('n'));
  auto wanted = request(app_);
  wanted.plain = true;
  const auto report = run(std::move(wanted));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(text(), HasSubstr("oauth_token = \"" + token_like('n') + "\""));
  EXPECT_TRUE(report->deleted_old);
  EXPECT_THAT(core_.os_store.items(), IsEmpty());
}

TEST_F(RotateTest, Rotate_OlderPair_FormKept) {
  const auto in_op = core_.op.keep("old-op", token_like('o'));
  core_.sandbox.workspace("my-app",
                          "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = { op = \"" +
                              secrets::reference_of(in_op) + "\" }\n");
  core_.claude_shows(token_like('n'));
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(text(), HasSubstr("auth_forward = \"oauth_token\""));
  EXPECT_THAT(text(), HasSubstr("CLAUDE_CODE_OAUTH_TOKEN = { op = \"" + report->reference));
  EXPECT_EQ(report->slot, "[env] CLAUDE_CODE_OAUTH_TOKEN");
}

TEST_F(RotateTest, Rotate_DeleteFails_LeftToDoctor) {
  core_.os_store.remove_fails = Error{Reason::store_failed, "the store says no", {}};
  core_.claude_shows(token_like('n'));
  const auto report = run();
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->deleted_old);
  ASSERT_EQ(unfinished().size(), 1U);
  EXPECT_EQ(unfinished().front().kind, OperationKind::rotate);
  EXPECT_EQ(unfinished().front().outcome, Outcome::stuck);
  EXPECT_EQ(command_line(state::journal_detail_from(unfinished().front().detail)->remedy),
            "secret-tool clear service jackin account old");
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("could not be deleted: the store says no")));
  EXPECT_EQ(core_.probe(app_)->verdict, Verdict::ok);
}

TEST_F(RotateTest, Rotate_ItemGone_CountsAsDeleted) {
  core_.os_store.drop(old_);
  core_.claude_shows(token_like('n'));
  const auto report = run();
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->deleted_old);
}

TEST_F(RotateTest, Rotate_OtherOrganisation_Warns) {
  know(app_, old_, true, "org-before");
  core_.claude_shows(token_like('n'));
  ASSERT_TRUE(run());
  EXPECT_THAT(core_.user.notices,
              Contains(HasSubstr("another organisation than the old one (org-1, it was org-before)")));
}

TEST_F(RotateTest, Rotate_ProcessesWithOldToken_Named) {
  const auto self = identify_process(::getpid()).value();
  state::HandoutRecord running;
  running.scope = app_;
  running.fingerprint = Digest::of(token_like('o')).fingerprint();
  running.pid = self.pid;
  running.start_time = self.start_time;
  running.command = "claude";
  state::HandoutRecord ended = running;
  ended.start_time += 1;
  ended.command = "another process of that number";
  for (const auto& handout : {running, running, ended}) ASSERT_TRUE(core_.sandbox.database->add_handout(handout));
  core_.claude_shows(token_like('n'));
  const auto report = run();
  ASSERT_TRUE(report);
  ASSERT_EQ(report->old_holders.size(), 1U);
  EXPECT_EQ(report->old_holders.front().pid, self.pid);
  EXPECT_EQ(report->old_holders.front().command, "claude");
}

TEST_F(RotateTest, Rotate_RoleWithWorkspacesToken_Named) {
  const auto self = identify_process(::getpid()).value();
  state::HandoutRecord running;
  running.scope = Scope::role("my-app", "review").value();
  running.fingerprint = Digest::of(token_like('x')).fingerprint();
  running.pid = self.pid;
  running.start_time = self.start_time;
  ASSERT_TRUE(core_.sandbox.database->add_handout(running));
  core_.claude_shows(token_like('n'));
  const auto report = run();
  ASSERT_TRUE(report);
  ASSERT_EQ(report->old_holders.size(), 1U);
  EXPECT_EQ(report->old_holders.front().pid, self.pid);
}

TEST_F(RotateTest, Rotate_ScopeOrSharingScopeHeld_Busy) {
  core_.sandbox.workspace("other", slot_of_old);
  core_.sandbox.workspace("third", "");
  auto& operations = core_.operations();
  const auto lease = operations.begin("x", OperationKind::setup, other_, core_.sandbox.clock.now(), {});
  ASSERT_TRUE(lease);
  auto wanted = request(app_);
  wanted.with_sharing = true;
  const auto busy = run(std::move(wanted));
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().reason, Reason::busy);
  EXPECT_THAT(busy.error().message, HasSubstr("'other' is busy: setup"));
  // The refused operation holds no other scope.
  EXPECT_TRUE(operations.begin("y", OperationKind::setup, app_, core_.sandbox.clock.now(), {}));
}

TEST_F(RotateTest, Rotate_DatabaseNeverHoldsTokens) {
  core_.claude_shows(token_like('n'));
  ASSERT_TRUE(run());
  EXPECT_THAT(core_.sandbox.database_bytes(), Not(HasSubstr("nnnnnnnnnnnn")));
  EXPECT_THAT(core_.sandbox.database_bytes(), Not(HasSubstr("oooooooooooo")));
}

TEST_F(RotateTest, Rotate_FileUnavailable_OldKept) {
  std::filesystem::create_symlink(core_.sandbox.home / "away", core_.sandbox.paths.workspaces_dir() / "other.toml");
  core_.claude_shows(token_like('n'));
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->deleted_old);
  EXPECT_TRUE(has_old());
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("'other'")));
}

TEST_F(RotateTest, Rotate_OldUsedByOtherConfiguration_Kept) {
  const auto folder = core_.sandbox.home / "another";
  test::write_file(folder / "workspaces/x.toml", slot_of_old);
  ASSERT_TRUE(state::Database::open(core_.sandbox.paths.database(), folder));
  core_.claude_shows(token_like('n'));
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->deleted_old);
  EXPECT_TRUE(has_old());
  EXPECT_THAT(core_.user.notices, Contains(HasSubstr("'x' of the configuration in " + folder.string() +
                                                     " uses it | jackinctl daemon stop && JACKIN_CONFIG_DIR=" +
                                                     folder.string() + " jackinctl rotate x")));
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RotateTest, Rotate_SlotNotWritable_TokenKeptWithCommand) {
  core_.claude_shows(token_like('n'));
  core_.user.when_step = [&](Step step) {
    if (step == Step::write_config) core_.sandbox.workspace("my-app", "[claude]\nauth_forward = \"api_key\"\n");
  };
  const auto report = run();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().reason, Reason::config_conflict);
  EXPECT_THAT(command_line(report.error().remedy),
              testing::StartsWith("jackinctl revoke my-app && jackinctl setup my-app --reuse "));
  EXPECT_EQ(core_.os_store.items().size(), 2U);
  EXPECT_TRUE(has_old());
  EXPECT_EQ(unfinished().at(0).outcome, Outcome::kept);
}

TEST_F(RotateTest, Rotate_OverwrittenInPlace_UnreadableSharer_Recorded) {
  const auto theirs = core_.os_store.keep("theirs", token_like('t'), false);
  const std::string slot = "[claude]\noauth_token = { os_store = \"jackin\", account = \"theirs\" }\n";
  const Scope broken = Scope::workspace("broken").value();
  const Scope changed = Scope::workspace("changed").value();
  for (const Scope& scope : {other_, broken, changed}) {
    core_.sandbox.workspace(scope.workspace_name(), slot);
    know(scope, theirs, false);
  }
  core_.sandbox.workspace("broken", "[claude\n");
  core_.sandbox.workspace("changed", "[claude]\nauth_forward = \"ignore\"\n");
  core_.claude_shows(token_like('n'));
  ASSERT_TRUE(run(request(other_)));
  const auto fingerprint = Digest::of(token_like('n')).fingerprint();
  EXPECT_EQ(core_.health().token_of(other_)->fingerprint, fingerprint);
  EXPECT_EQ(core_.health().token_of(broken)->fingerprint, fingerprint);
  EXPECT_NE(core_.health().token_of(changed)->fingerprint, fingerprint);
}

TEST_F(RotateTest, Rotate_InPlace_ShapeUnknown_OldTokenStays) {
  const auto theirs = core_.os_store.keep("theirs", token_like('t'), false);
  const std::string slot = "[claude]\noauth_token = { os_store = \"jackin\", account = \"theirs\" }\n";
  core_.sandbox.workspace("other", slot);
  core_.claude_shows(token_like('n') + "longer");
  core_.upstream.fail();
  const auto report = run(request(other_));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().reason, Reason::token_malformed);
  EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake "));
  EXPECT_THAT(command_line(report.error().remedy),
              testing::StartsWith("jackinctl revoke other && jackinctl setup other --reuse "));
  EXPECT_EQ(core_.os_store.items().at(secrets::reference_of(theirs)).token.view(), token_like('t'));
  EXPECT_EQ(text("other"), slot);
}

TEST_F(RotateTest, Rotate_InPlace_ShapeUnknownNoStorePlanned_KeptInStoreOfOldToken) {
  const auto theirs = core_.os_store.keep("theirs", token_like('t'), false);
  core_.sandbox.workspace("other", "[claude]\noauth_token = { os_store = \"jackin\", account = \"theirs\" }\n");
  core_.claude_shows(token_like('n') + "longer");
  core_.upstream.fail();
  core_.op.plan_fails = Error{Reason::store_unavailable, "it is locked", {}};
  core_.files.plan_fails = Error{Reason::disk_full, "it is full", {}};
  const auto report = run(request(other_));
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("is kept, not configured, in Fake secret-service"));
  EXPECT_EQ(core_.os_store.items().at(secrets::reference_of(theirs)).token.view(), token_like('t'));
}

TEST_F(RotateTest, Rotate_OverwrittenInPlace_FormNotWritable_Recorded) {
  const auto theirs = core_.os_store.keep("theirs", token_like('t'), false);
  const std::string source = "{ os_store = \"jackin\", account = \"theirs\" }";
  core_.sandbox.workspace("other", "[claude]\nauth_forward = \"ignore\"\noauth_token = " + source + "\n");
  know(other_, theirs, false);
  core_.claude_shows(token_like('n'));
  core_.user.when_step = [&](Step step) {
    if (step == Step::write_config)
      core_.sandbox.workspace("other", "[claude]\nauth_forward = \"sync\"\noauth_token = " + source + "\n");
  };
  ASSERT_FALSE(run(request(other_)));
  EXPECT_EQ(core_.os_store.items().at(secrets::reference_of(theirs)).token.view(), token_like('n'));
  EXPECT_EQ(core_.health().token_of(other_)->fingerprint, Digest::of(token_like('n')).fingerprint());
}

}  // namespace
}  // namespace jackin::lifecycle
