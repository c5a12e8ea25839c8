// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/revoke.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/remedy_command.hpp"
#include "daemon/lifecycle/remaining_items.hpp"
#include "tests/unit/lifecycle/saga_fixture.hpp"

namespace jackin::lifecycle {
namespace {

using test::token_like;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* without = "# mine\n[claude]\nauth_forward = \"ignore\" # here\n";

class RevokeTest : public TokenTest {
 protected:
  RevokeRequest request(const Scope& scope, bool delete_item = false) {
    auto request = request_for<RevokeRequest>(scope);
    request.delete_item = delete_item;
    return request;
  }

  Result<std::vector<RevokeOutcome>> run(RevokeRequest request) {
    std::vector<RevokeOutcome> outcomes;
    Revoke revoke(core_.deps());
    const auto each = [&](const RevokeOutcome& outcome) { outcomes.push_back(outcome); };
    const auto done = test::await(core_.sandbox.io, revoke.run(std::move(request), each));
    if (!done) return failure(done.error());
    return outcomes;
  }

  Error refused(RevokeRequest request) {
    const auto before = core_.sandbox.configuration();
    const auto items = core_.os_store.items().size();
    const auto done = run(std::move(request));
    EXPECT_FALSE(done);
    EXPECT_EQ(core_.sandbox.configuration(), before);
    EXPECT_EQ(core_.os_store.items().size(), items);
    EXPECT_THAT(unfinished(), IsEmpty());
    return done ? Error() : done.error();
  }

  // A configuration folder that was used with the same state folder.
  std::filesystem::path another_configuration() {
    const auto folder = core_.sandbox.home / "another";
    std::filesystem::create_directories(folder / "workspaces");
    EXPECT_TRUE(state::Database::open(core_.sandbox.paths.database(), folder));
    return folder;
  }
};

TEST_F(RevokeTest, Revoke_SlotCleared_ItemKept) {
  const auto outcomes = run(request(app_));
  ASSERT_TRUE(outcomes);
  ASSERT_THAT(*outcomes, SizeIs(1));
  EXPECT_TRUE(outcomes->front().cleared);
  EXPECT_FALSE(outcomes->front().deleted);
  EXPECT_FALSE(outcomes->front().error);
  EXPECT_EQ(text(), without);
  EXPECT_TRUE(has_old());
  EXPECT_EQ(outcomes->front().remains_in, secrets::describe(old_));
  EXPECT_EQ(command_line(outcomes->front().remains_remedy), "jackinctl revoke my-app --delete-item");
  EXPECT_EQ(core_.probe(app_)->verdict, Verdict::not_managed);
  EXPECT_FALSE(core_.health().token_of(app_));
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RevokeTest, Delete_AfterConfigurationWritten) {
  const auto outcomes = run(request(app_, true));
  ASSERT_TRUE(outcomes);
  EXPECT_TRUE(outcomes->front().deleted);
  EXPECT_FALSE(has_old());
  EXPECT_EQ(text(), without);
}

TEST_F(RevokeTest, Revoke_Restart_StaysForgotten) {
  ASSERT_TRUE(run(request(app_)));
  core_.restart();
  EXPECT_FALSE(core_.health().token_of(app_));
}

TEST_F(RevokeTest, Revoke_Twice_SaysWhereTokenIs) {
  ASSERT_TRUE(run(request(app_)));
  const auto again = run(request(app_));
  ASSERT_TRUE(again);
  ASSERT_THAT(*again, SizeIs(1));
  EXPECT_FALSE(again->front().cleared);
  EXPECT_FALSE(again->front().deleted);
  EXPECT_EQ(again->front().remains_in, secrets::describe(old_));
  EXPECT_EQ(command_line(again->front().remains_remedy), "jackinctl revoke my-app --delete-item");
  EXPECT_TRUE(has_old());
}

TEST_F(RevokeTest, Delete_LeftByEarlierRevocation_Deleted) {
  ASSERT_TRUE(run(request(app_)));
  core_.restart();
  const auto left = test::await(core_.sandbox.io, remaining_tokens(core_.deps())).value();
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left.front().item.place, secrets::describe(old_));
  EXPECT_EQ(command_line(left.front().remedy), "jackinctl revoke my-app --delete-item");
  const auto deleted = run(request(app_, true));
  ASSERT_TRUE(deleted);
  EXPECT_FALSE(deleted->front().cleared);
  EXPECT_TRUE(deleted->front().deleted);
  EXPECT_EQ(deleted->front().remains_in, "");
  EXPECT_FALSE(has_old());
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_THAT(test::await(core_.sandbox.io, remaining_tokens(core_.deps())).value(), IsEmpty());
  const auto again = run(request(app_, true));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->front().deleted);
}

TEST_F(RevokeTest, Delete_LeftByEarlierRevocation_WorkspaceGone_Deleted) {
  ASSERT_TRUE(run(request(app_)));
  std::filesystem::remove(core_.sandbox.paths.workspaces_dir() / "my-app.toml");
  ASSERT_TRUE(run(request(app_, true)));
  EXPECT_FALSE(has_old());
}

TEST_F(RevokeTest, Delete_LeftByEarlierRevocation_UsedAgain_Refused) {
  ASSERT_TRUE(run(request(app_)));
  core_.sandbox.workspace("other", slot_of_old);
  EXPECT_THAT(test::await(core_.sandbox.io, remaining_tokens(core_.deps())).value(), IsEmpty());
  EXPECT_EQ(refused(request(app_, true)).reason, Reason::not_ours);
  core_.sandbox.workspace("other", "oauth_token = [broken");
  EXPECT_EQ(refused(request(app_, true)).reason, Reason::config_unreadable);
  core_.sandbox.workspace("other", "");
  ASSERT_TRUE(run(request(app_, true)));
  EXPECT_FALSE(has_old());
}

TEST_F(RevokeTest, Delete_LeftByEarlierRevocation_NewTokenUntouched) {
  ASSERT_TRUE(run(request(app_)));
  const auto next = core_.os_store.keep("next", token_like('n'));
  core_.sandbox.workspace("my-app", "[claude]\noauth_token = { os_store = \"jackin\", account = \"next\" }\n");
  know(app_, next, true);
  const auto left = test::await(core_.sandbox.io, remaining_tokens(core_.deps())).value();
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_THAT(command_line(left.front().remedy), Not(HasSubstr("jackinctl")));
  ASSERT_TRUE(run(request(app_, true)));
  EXPECT_TRUE(has_old()) << "the new one was deleted, the old one is for the next revocation";
  ASSERT_TRUE(run(request(app_, true)));
  EXPECT_FALSE(has_old());
}

TEST_F(RevokeTest, Delete_StoreSaysForeign_Refused) {
  ASSERT_TRUE(run(request(app_)));
  core_.os_store.mark_foreign(secrets::reference_of(old_));
  EXPECT_EQ(refused(request(app_, true)).reason, Reason::not_ours);
  EXPECT_TRUE(has_old());
}

TEST_F(RevokeTest, Revoke_ExternalSlot_EntryAndTokenGo) {
  const std::string pair =
      "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$JACKIND_TOKEN_x\"\n";
  core_.sandbox.workspace("my-app", pair);
  core_.sandbox.workspace("other", pair);
  core_.sandbox.write_configuration(
      "jackind-slots.toml", "[tokens.JACKIND_TOKEN_x]\noauth_token = { os_store = \"jackin\", account = \"old\" }\n");
  EXPECT_EQ(refused(request(app_, true)).reason, Reason::not_ours) << "the other workspace uses it";
  core_.sandbox.workspace("other", "");
  const auto outcomes = run(request(app_, true));
  ASSERT_TRUE(outcomes) << outcomes.error().message;
  EXPECT_TRUE(outcomes->front().deleted);
  EXPECT_FALSE(has_old());
  EXPECT_EQ(core_.probe(app_)->verdict, Verdict::not_managed);
  EXPECT_EQ(test::read_file(core_.sandbox.paths.slots_file()), "");
  EXPECT_THAT(core_.sandbox.workspace_text("my-app"), Not(HasSubstr("CLAUDE_CODE_OAUTH_TOKEN")));
}

TEST_F(RevokeTest, Delete_WorkspaceInConfigToml_ItsOwnSlotIsNoOtherUse) {
  std::filesystem::remove(core_.sandbox.paths.workspaces_dir() / "my-app.toml");
  core_.sandbox.write_configuration(
      "config.toml",
      "[workspaces.my-app.claude]\noauth_token = { os_store = \"jackin\", account = \"old\" }\n"
      "[workspaces.other.claude]\noauth_token = { os_store = \"jackin\", account = \"old\" }\n");
  EXPECT_EQ(refused(request(app_, true)).reason, Reason::not_ours) << "the other workspace uses it";
  core_.sandbox.write_configuration(
      "config.toml", "[workspaces.my-app.claude]\noauth_token = { os_store = \"jackin\", account = \"old\" }\n");
  ASSERT_TRUE(run(request(app_, true)));
  EXPECT_FALSE(has_old());
  EXPECT_EQ(core_.sandbox.configuration().at("config.toml"), "[workspaces.my-app.claude]\nauth_forward = \"ignore\"\n");
}

TEST_F(RevokeTest, Delete_TableOfInvalidNameInConfigToml_IsAUse) {
  core_.sandbox.write_configuration(
      "config.toml", "[workspaces.\"team/app\".claude]\noauth_token = { os_store = \"jackin\", account = \"old\" }\n");
  EXPECT_EQ(refused(request(app_, true)).reason, Reason::not_ours);
  EXPECT_TRUE(has_old());
}

TEST_F(RevokeTest, Delete_UsersOwnVariableWithEntry_IsAUse) {
  core_.sandbox.write_configuration("jackind-slots.toml",
                                    "[tokens.MINE]\noauth_token = { os_store = \"jackin\", account = \"old\" }\n");
  core_.sandbox.write_configuration("config.toml", "[roles.r.env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$MINE\"\n");
  EXPECT_EQ(refused(request(app_, true)).reason, Reason::not_ours);
  EXPECT_TRUE(has_old());
}

TEST_F(RevokeTest, Delete_EntryOfNamedVariableMissing_CountsAsUse) {
  for (const char* const text : {"[env]\nCOPY = \"$JACKIND_TOKEN_x\"\n",
                                 "[claude]\nauth_forward = \"oauth_token\"\n"
                                 "[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$JACKIND_TOKEN_x\"\n"}) {
    core_.sandbox.workspace("other", text);
    EXPECT_EQ(refused(request(app_, true)).reason, Reason::config_unreadable) << text;
    EXPECT_TRUE(has_old());
  }
  core_.sandbox.workspace("other", "[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$MINE\"\n");
  EXPECT_TRUE(run(request(app_, true)));
}

TEST_F(RevokeTest, Delete_EntryThatNothingNames_IsNoUse) {
  core_.sandbox.write_configuration(
      "jackind-slots.toml", "[tokens.JACKIND_TOKEN_x]\noauth_token = { os_store = \"jackin\", account = \"old\" }\n");
  ASSERT_TRUE(run(request(app_, true)));
  EXPECT_FALSE(has_old());
}

TEST_F(RevokeTest, Delete_VariableNamedElsewhere_IsAUse) {
  core_.sandbox.write_configuration(
      "jackind-slots.toml", "[tokens.JACKIND_TOKEN_x]\noauth_token = { os_store = \"jackin\", account = \"old\" }\n");
  for (const char* const name : {"$JACKIND_TOKEN_x", "${JACKIND_TOKEN_x}"}) {
    core_.sandbox.workspace("other", "[env]\nCOPY = \"" + std::string(name) + "\"\n");
    EXPECT_EQ(refused(request(app_, true)).reason, Reason::not_ours) << name;
  }
  core_.sandbox.write_configuration("jackind-slots.toml", "[broken\n");
  EXPECT_EQ(refused(request(app_, true)).reason, Reason::config_unreadable);
}

TEST_F(RevokeTest, Delete_JackinsItem_OnlyWhenNamed) {
  core_.os_store.mark_foreign(secrets::reference_of(old_));
  core_.os_store.mark_jackins(secrets::reference_of(old_));
  auto all = request(app_, true);
  all.all = true;
  const auto refused = run(all);
  ASSERT_TRUE(refused);
  ASSERT_TRUE(refused->front().error);
  EXPECT_EQ(refused->front().error->reason, Reason::not_ours);
  EXPECT_TRUE(has_old());
  const auto outcomes = run(request(app_, true));
  ASSERT_TRUE(outcomes) << outcomes.error().message;
  EXPECT_TRUE(outcomes->front().deleted);
  EXPECT_FALSE(has_old());
}

TEST_F(RevokeTest, Revoke_Adopted_NamedAndNotListed) {
  know(app_, old_, false);
  const auto outcomes = run(request(app_));
  ASSERT_TRUE(outcomes);
  EXPECT_EQ(outcomes->front().remains_in, secrets::describe(old_));
  EXPECT_EQ(command_line(outcomes->front().remains_remedy), "");
  EXPECT_THAT(test::await(core_.sandbox.io, remaining_tokens(core_.deps())).value(), IsEmpty());
}

TEST_F(RevokeTest, Revoke_Literal_RemainsNowhere) {
  core_.sandbox.workspace("other", "[claude]\noauth_token = \"" + token_like('l') + "\"\n");
  EXPECT_EQ(run(request(other_)).value().front().remains_in, "");
}

TEST_F(RevokeTest, Revoke_Ended_ResultPublished) {
  std::vector<std::string> begun;
  auto wanted = request(app_);
  wanted.begun = [&](const std::string& id) { begun.push_back(id); };
  ASSERT_TRUE(run(wanted));
  // The second one has nothing to do.
  ASSERT_TRUE(run(wanted));
  auto unknown = request(Scope::workspace("unknown").value());
  unknown.begun = wanted.begun;
  EXPECT_FALSE(run(unknown));
  const auto published = core_.operations().recent(core_.sandbox.clock.now());
  ASSERT_EQ(published.size(), 3U);
  ASSERT_EQ(begun.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(published[i].id, begun[i]);
  EXPECT_EQ(published[0].result->outcome, Outcome::done);
  EXPECT_EQ(published[1].result->outcome, Outcome::done);
  EXPECT_EQ(published[2].result->outcome, Outcome::failed);
  EXPECT_EQ(published[2].result->error->reason, Reason::unknown_workspace);
}

TEST_F(RevokeTest, DeleteAll_IncludesLeftItems) {
  ASSERT_TRUE(run(request(app_)));
  auto all = request(app_, true);
  all.all = true;
  ASSERT_TRUE(run(all));
  EXPECT_FALSE(has_old());
}

TEST_F(RevokeTest, Revoke_NoOwnToken_NamesScopeThatHasIt) {
  const auto role = Scope::role("my-app", "review").value();
  core_.sandbox.workspace("my-app", std::string(slot_of_old) + "[roles.review]\n");
  EXPECT_EQ(command_line(refused(request(role)).remedy), "jackinctl revoke my-app");
  core_.sandbox.workspace("none", "");
  EXPECT_EQ(refused(request(Scope::workspace("none").value())).reason, Reason::slot_missing);
}

TEST_F(RevokeTest, Revoke_EveryKindOfSource) {
  const std::string literal = "\"" + token_like('l') + "\"";
  for (const std::string& source : {literal, std::string("{ env = \"X\" }"), std::string("{ command = [\"x\"] }"),
                                    std::string("{ file = \"~/x\" }"), std::string("{ op = \"op://a/b/c\" }")}) {
    core_.sandbox.workspace("other", "[claude]\noauth_token = " + source + "\n");
    const auto outcomes = run(request(other_));
    ASSERT_TRUE(outcomes) << source;
    EXPECT_TRUE(outcomes->front().cleared) << source;
    EXPECT_EQ(text("other"), "[claude]\nauth_forward = \"ignore\"\n");
  }
}

TEST_F(RevokeTest, Revoke_OlderPair) {
  core_.sandbox.workspace(
      "other", "[claude]\nauth_forward = \"oauth_token\"\n[env]\nA = \"b\"\nCLAUDE_CODE_OAUTH_TOKEN = \"$X\"\n");
  ASSERT_TRUE(run(request(other_)));
  EXPECT_EQ(text("other"), "[claude]\nauth_forward = \"ignore\"\n[env]\nA = \"b\"\n");
}

TEST_F(RevokeTest, Delete_NothingStored_FailsBeforeAnyChange) {
  for (const std::string& source :
       {"\"" + token_like('l') + "\"", std::string("{ env = \"X\" }"), std::string("{ command = [\"x\"] }")}) {
    core_.sandbox.workspace("other", "[claude]\noauth_token = " + source + "\n");
    const auto error = refused(request(other_, true));
    EXPECT_EQ(error.reason, Reason::unsupported) << source;
    EXPECT_EQ(command_line(error.remedy), "jackinctl revoke other") << source;
  }
}

TEST_F(RevokeTest, Delete_Adopted_OnlyWithForce) {
  know(app_, old_, false);
  const auto error = refused(request(app_, true));
  EXPECT_EQ(error.reason, Reason::not_ours);
  EXPECT_EQ(command_line(error.remedy), "jackinctl revoke my-app --delete-item --force");
  auto forced = request(app_, true);
  forced.force = true;
  const auto outcomes = run(std::move(forced));
  ASSERT_TRUE(outcomes);
  EXPECT_TRUE(outcomes->front().deleted);
  EXPECT_FALSE(has_old());
}

TEST_F(RevokeTest, Delete_Foreign_OnlyWithForce) {
  const auto theirs = core_.os_store.keep("theirs", token_like('t'), false);
  core_.sandbox.workspace("other", "[claude]\noauth_token = { os_store = \"jackin\", account = \"theirs\" }\n");
  EXPECT_EQ(refused(request(other_, true)).reason, Reason::not_ours);
  auto forced = request(other_, true);
  forced.force = true;
  ASSERT_TRUE(run(std::move(forced)));
  EXPECT_FALSE(core_.os_store.items().contains(secrets::reference_of(theirs)));
}

TEST_F(RevokeTest, Revoke_ForceWithoutDeletion_Rejected) {
  auto wanted = request(app_);
  wanted.force = true;
  EXPECT_EQ(refused(wanted).reason, Reason::invalid_argument);
  EXPECT_TRUE(has_old());
}

TEST_F(RevokeTest, Delete_UsedByOtherScope_RefusedEvenWithForce) {
  core_.sandbox.workspace("other", slot_of_old);
  auto wanted = request(app_, true);
  EXPECT_EQ(refused(wanted).reason, Reason::not_ours);
  wanted.force = true;
  EXPECT_THAT(refused(wanted).message, HasSubstr("'other' uses it too"));
}

// A mention of the item outside of every scope's own layer, in the form that the container or another program reads.
TEST_F(RevokeTest, Delete_MentionedElsewhere_Refused) {
  const auto stored = core_.op.keep("x", token_like('x'));
  know(app_, stored, true);
  const std::string op = "{ op = \"op://vault/x/credential\" }";
  core_.sandbox.workspace("my-app", "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = " + op);
  const auto& global = core_.sandbox.paths.config_file();
  for (const std::string& text :
       {"[roles.\"n/r\".env]\nCLAUDE_CODE_OAUTH_TOKEN = " + op, "[workspaces.\"n/b\".claude]\noauth_token = " + op,
        "[env]\nOTHER_VARIABLE = " + op}) {
    test::write_file(global, text + "\n");
    const auto error = refused(request(app_, true));
    EXPECT_EQ(error.reason, Reason::not_ours) << text;
    EXPECT_THAT(error.message, HasSubstr("config.toml:2:")) << text;
    EXPECT_THAT(error.message, HasSubstr(" uses it too")) << text;
  }
  test::write_file(global, "[roles.\"n/r\".env]\nCLAUDE_CODE_OAUTH_TOKEN = 5\n");
  const auto error = refused(request(app_, true));
  EXPECT_EQ(error.reason, Reason::config_unreadable);
  EXPECT_THAT(error.message, HasSubstr("config.toml:2:27 cannot be read"));
  EXPECT_THAT(command_line(error.remedy), HasSubstr("config.toml"));
  std::filesystem::remove(global);
  const auto folder = another_configuration();
  test::write_file(folder / "config.toml", "[roles.\"n/r\".env]\nCLAUDE_CODE_OAUTH_TOKEN = " + op + "\n");
  EXPECT_THAT(refused(request(app_, true)).message,
              HasSubstr(": config.toml:2:27 of the configuration in " + folder.string() + " uses it too"));
  EXPECT_THAT(core_.op.items(), SizeIs(1));
  std::filesystem::remove(folder / "config.toml");
  ASSERT_TRUE(run(request(app_, true)));
  EXPECT_THAT(core_.op.items(), IsEmpty());
}

TEST_F(RevokeTest, Delete_UsedByOtherSpelling_Refused) {
  core_.files.keep("x", token_like('x'));
  core_.sandbox.workspace("my-app", "[claude]\noauth_token = { file = \"/fake/x\" }\n");
  for (const char* spelling : {"/fake//x", "/fake/./x", "//fake/x"}) {
    core_.sandbox.workspace("other", std::string("[claude]\noauth_token = { file = \"") + spelling + "\" }\n");
    EXPECT_THAT(refused(request(app_, true)).message, HasSubstr("'other' uses it too")) << spelling;
    EXPECT_THAT(refused(request(other_, true)).message, HasSubstr("'my-app' uses it too")) << spelling;
  }
}

TEST_F(RevokeTest, Delete_UsedThroughLinkedFolder_Refused) {
  const std::filesystem::path real = core_.sandbox.paths.home / "real";
  std::filesystem::create_directories(real);
  std::filesystem::create_directory_symlink(real, core_.sandbox.paths.home / "linked");
  std::ofstream(real / "t") << "anything";
  core_.sandbox.workspace("my-app", "[claude]\noauth_token = { file = \"~/real/t\" }\n");
  core_.sandbox.workspace("other", "[claude]\noauth_token = { file = \"~/linked/t\" }\n");
  EXPECT_THAT(refused(request(app_, true)).message, HasSubstr("'other' uses it too"));
  EXPECT_THAT(refused(request(other_, true)).message, HasSubstr("'my-app' uses it too"));
}

TEST_F(RevokeTest, Delete_ConfigurationUnreadable_Refused) {
  core_.sandbox.workspace("broken", "oauth_token = {");
  EXPECT_EQ(refused(request(app_, true)).reason, Reason::config_unreadable);
  EXPECT_TRUE(run(request(app_)));
}

TEST_F(RevokeTest, Delete_ItemGone_CountsAsDeleted) {
  core_.os_store.drop(old_);
  const auto outcomes = run(request(app_, true));
  ASSERT_TRUE(outcomes);
  EXPECT_TRUE(outcomes->front().deleted);
}

TEST_F(RevokeTest, Delete_Fails_LeftToDoctor) {
  core_.os_store.remove_fails = Error{Reason::store_failed, "the store says no", {}};
  const auto outcomes = run(request(app_, true));
  ASSERT_TRUE(outcomes);
  EXPECT_TRUE(outcomes->front().cleared);
  EXPECT_FALSE(outcomes->front().deleted);
  ASSERT_TRUE(outcomes->front().error);
  EXPECT_EQ(command_line(outcomes->front().error->remedy), "secret-tool clear service jackin account old");
  EXPECT_EQ(text(), without);
  ASSERT_THAT(unfinished(), SizeIs(1));
  EXPECT_EQ(unfinished().front().outcome, Outcome::stuck);
}

TEST_F(RevokeTest, All_SharedItem_DeletedOnce) {
  core_.sandbox.workspace("other", slot_of_old);
  core_.sandbox.workspace("plain", "[claude]\nauth_forward = \"sync\"\n");
  core_.sandbox.workspace("role", "[roles.\"a/b\".claude]\noauth_token = { file = \"/fake/x\" }\n");
  core_.sandbox.global("[claude]\noauth_token = { env = \"X\" }\n");
  RevokeRequest wanted = request(Scope::global(), true);
  wanted.all = true;
  const auto outcomes = run(std::move(wanted));
  ASSERT_TRUE(outcomes);
  std::map<std::string, bool> deleted;
  for (const auto& outcome : *outcomes) deleted[outcome.scope.str()] = outcome.deleted;
  EXPECT_EQ(deleted,
            (std::map<std::string, bool>{{"global", false}, {"my-app", true}, {"other", true}, {"role:a/b", true}}));
  EXPECT_FALSE(has_old());
  EXPECT_EQ(text("other"), without);
  EXPECT_EQ(text("plain"), "[claude]\nauth_forward = \"sync\"\n");
  // Nothing is stored for a variable: that scope gets an error, and stays unchanged.
  ASSERT_TRUE(outcomes->front().error);
  EXPECT_EQ(outcomes->front().error->reason, Reason::unsupported);
}

TEST_F(RevokeTest, All_BrokenFile_OthersRevoked) {
  core_.sandbox.workspace("broken", "oauth_token = {");
  RevokeRequest wanted = request(Scope::global());
  wanted.all = true;
  const auto outcomes = run(std::move(wanted));
  ASSERT_TRUE(outcomes);
  ASSERT_THAT(*outcomes, SizeIs(2));
  EXPECT_EQ(text(), without);
}

TEST_F(RevokeTest, Revoke_RunningProcesses_Named) {
  const auto self = identify_process(::getpid()).value();
  state::HandoutRecord handout;
  handout.scope = app_;
  handout.fingerprint = Digest::of(token_like('o')).fingerprint();
  handout.pid = self.pid;
  handout.start_time = self.start_time;
  handout.command = "claude";
  ASSERT_TRUE(core_.sandbox.database->add_handout(handout));
  const auto outcomes = run(request(app_));
  ASSERT_TRUE(outcomes);
  ASSERT_THAT(outcomes->front().holders, SizeIs(1));
  EXPECT_EQ(outcomes->front().holders.front().pid, self.pid);
}

TEST_F(RevokeTest, Revoke_HoldersWithoutOwnSlot_Named) {
  core_.sandbox.global("[claude]\noauth_token = { file = \"~/shared\" }\n");
  core_.sandbox.workspace("heir", "");
  const auto self = identify_process(::getpid()).value();
  const auto launched = [&](const Scope& scope) {
    state::HandoutRecord handout;
    handout.scope = scope;
    handout.fingerprint = Digest::of(token_like('s')).fingerprint();
    handout.pid = self.pid;
    handout.start_time = self.start_time;
    ASSERT_TRUE(core_.sandbox.database->add_handout(handout));
  };
  launched(Scope::role("heir", "review").value());
  const auto by_workspace = run(request(app_));
  ASSERT_TRUE(by_workspace);
  EXPECT_THAT(by_workspace->front().holders, IsEmpty()) << "it has the global one";
  const auto outcomes = run(request(Scope::global()));
  ASSERT_TRUE(outcomes);
  ASSERT_THAT(outcomes->front().holders, SizeIs(1));
  EXPECT_EQ(outcomes->front().holders.front().pid, self.pid);
}

TEST_F(RevokeTest, Revoke_ItemHeld_Busy) {
  auto lease = core_.operations().begin("x", OperationKind::setup, other_, core_.sandbox.clock.now(), {});
  ASSERT_TRUE(lease);
  ASSERT_TRUE(lease->hold_item(secrets::reference_of(old_)));
  EXPECT_EQ(refused(request(app_)).reason, Reason::busy);
}

TEST_F(RevokeTest, Revoke_ItemHeldByOtherSpelling_Busy) {
  core_.sandbox.workspace("my-app", "[claude]\noauth_token = { file = \"/fake//x\" }\n");
  auto lease = core_.operations().begin("x", OperationKind::setup, other_, core_.sandbox.clock.now(), {});
  ASSERT_TRUE(lease);
  ASSERT_TRUE(lease->hold_item("file:/fake/x"));
  EXPECT_EQ(refused(request(app_)).reason, Reason::busy);
}

TEST_F(RevokeTest, All_SpellingsOfOneFile_Together) {
  core_.files.keep("x", token_like('x'));
  core_.sandbox.workspace("my-app", "[claude]\noauth_token = { file = \"/fake/x\" }\n");
  core_.sandbox.workspace("other", "[claude]\noauth_token = { file = \"/fake/./x\" }\n");
  RevokeRequest wanted = request(Scope::global(), true);
  wanted.all = true;
  const auto outcomes = run(std::move(wanted));
  ASSERT_TRUE(outcomes);
  ASSERT_THAT(*outcomes, SizeIs(2));
  for (const auto& outcome : *outcomes) EXPECT_TRUE(outcome.deleted) << outcome.scope.str();
  EXPECT_EQ(text("other"), "[claude]\nauth_forward = \"ignore\"\n");
}

TEST_F(RevokeTest, Delete_FileUnavailable_Refused) {
  namespace fs = std::filesystem;
  const auto& paths = core_.sandbox.paths;
  const fs::path away = core_.sandbox.home / "away";
  const auto refuse = [&](const std::string& what) {
    EXPECT_EQ(refused(request(app_, true)).reason, Reason::config_unreadable) << what;
    EXPECT_TRUE(has_old()) << what;
  };
  fs::create_symlink(away, paths.workspaces_dir() / "other.toml");
  refuse("another workspace");
  fs::remove(paths.workspaces_dir() / "other.toml");
  fs::create_symlink(away, paths.config_file());
  refuse("config.toml");
  fs::remove(paths.config_file());
  const fs::path unnamable = paths.workspaces_dir() / "a\u200bb.toml";
  test::write_file(unnamable, "");
  refuse("a workspace whose name no scope can have");
  fs::remove(unnamable);
  fs::create_directory(paths.workspaces_dir() / "other.toml");
  refuse("a folder in place of a workspace's file");
  fs::remove(paths.workspaces_dir() / "other.toml");
  EXPECT_TRUE(run(request(app_, true)));
  EXPECT_FALSE(has_old());
}

TEST_F(RevokeTest, Delete_UsedByOtherConfiguration_Refused) {
  const auto folder = another_configuration();
  // Another scope of the same name, and one that names another item.
  test::write_file(folder / "workspaces/my-app.toml", slot_of_old);
  test::write_file(folder / "workspaces/x.toml",
                   "[claude]\noauth_token = { os_store = \"jackin\", account = \"x\" }\n");
  auto wanted = request(app_, true);
  const auto error = refused(wanted);
  EXPECT_EQ(error.reason, Reason::not_ours);
  EXPECT_THAT(error.message, HasSubstr(": 'my-app' of the configuration in " + folder.string() + " uses it too"));
  EXPECT_EQ(command_line(error.remedy), "jackinctl revoke my-app");
  wanted.force = true;
  EXPECT_EQ(refused(wanted).reason, Reason::not_ours);
  // Without a deletion the other scope does not matter, and no message suggests one.
  const auto outcomes = run(request(app_));
  ASSERT_TRUE(outcomes);
  EXPECT_EQ(command_line(outcomes->at(0).remains_remedy), "");
  EXPECT_THAT(test::await(core_.sandbox.io, remaining_tokens(core_.deps())).value(), IsEmpty());
  test::write_file(folder / "workspaces/my-app.toml", without);
  EXPECT_THAT(test::await(core_.sandbox.io, remaining_tokens(core_.deps())).value(), SizeIs(1));
  ASSERT_TRUE(run(request(app_, true)));
  EXPECT_FALSE(has_old());
}

TEST_F(RevokeTest, Delete_OtherConfigurationUnreadable_Refused) {
  namespace fs = std::filesystem;
  const auto folder = another_configuration();
  test::write_file(folder / "workspaces/broken.toml", "oauth_token = {");
  auto error = refused(request(app_, true));
  EXPECT_EQ(error.reason, Reason::config_unreadable);
  EXPECT_THAT(error.message, HasSubstr("the configuration in " + folder.string() + " of 'broken'"));
  EXPECT_EQ(command_line(error.remedy),
            "jackinctl daemon stop && JACKIN_CONFIG_DIR=" + folder.string() + " jackinctl doctor broken");
  fs::remove_all(folder);
  fs::create_symlink(core_.sandbox.home / "away", folder);
  error = refused(request(app_, true));
  EXPECT_EQ(error.reason, Reason::config_unreadable);
  EXPECT_THAT(error.message, HasSubstr(folder.string()));
  EXPECT_EQ(command_line(error.remedy), "ls -ld " + folder.string());
  EXPECT_TRUE(has_old());
  // Its parent folder is listed without it.
  fs::remove(folder);
  ASSERT_TRUE(run(request(app_, true)));
  EXPECT_FALSE(has_old());
}

TEST_F(RevokeTest, Delete_SameConfigurationByOtherPath_Allowed) {
  const auto linked = core_.sandbox.home / "linked";
  ASSERT_TRUE(state::Database::open(core_.sandbox.paths.database(), linked));
  std::filesystem::create_directory_symlink(core_.sandbox.paths.config_dir, linked);
  ASSERT_TRUE(run(request(app_, true)));
  EXPECT_FALSE(has_old());
}

TEST_F(RevokeTest, Revoke_RecordsOfOtherConfiguration_Ignored) {
  const auto database = state::Database::open(core_.sandbox.paths.database(), another_configuration());
  ASSERT_TRUE(database);
  state::TokenRecord adopted;
  adopted.scope = app_;
  adopted.reference = secrets::reference_of(old_);
  adopted.fingerprint = Digest::of(token_like('o')).fingerprint();
  ASSERT_TRUE((*database)->put_token(adopted));
  const auto pid = static_cast<std::int32_t>(getpid());
  ASSERT_TRUE((*database)->add_handout({app_, Digest::of(token_like('e')).fingerprint(), pid,
                                        identify_process(pid)->start_time, "elsewhere", core_.sandbox.clock.now()}));
  core_.restart();
  EXPECT_TRUE(core_.health().token_of(app_)->minted_by_us);
  const auto outcomes = run(request(app_, true));
  ASSERT_TRUE(outcomes);
  EXPECT_TRUE(outcomes->at(0).deleted);
  EXPECT_THAT(outcomes->at(0).holders, IsEmpty());
  EXPECT_THAT((*database)->tokens().value(), SizeIs(1));
}

TEST_F(RevokeTest, Delete_FolderNotListable_ErrorNamesIt) {
  namespace fs = std::filesystem;
  const auto& paths = core_.sandbox.paths;
  const fs::path folder = paths.workspaces_dir();
  const fs::path kept = core_.sandbox.home / "kept";
  test::write_file(paths.config_file(), "[claude]\noauth_token = { file = \"/fake/x\" }\n");
  core_.files.keep("x", token_like('x'));
  fs::rename(folder, kept);
  fs::create_directory_symlink(core_.sandbox.home / "away", folder);
  const auto error = refused(request(Scope::global(), true));
  EXPECT_EQ(error.reason, Reason::config_unreadable);
  EXPECT_THAT(error.message, HasSubstr(folder.string() + " is a link to " + (core_.sandbox.home / "away").string() +
                                       ", which does not exist"));
  EXPECT_THAT(error.message, Not(HasSubstr("'global'")));
  EXPECT_THAT(command_line(error.remedy), HasSubstr("ls -ld " + folder.string()));
}

TEST_F(RevokeTest, Delete_SourceBehindDanglingLink_Refused) {
  const auto in_file = core_.files.keep("x", token_like('o'));
  know(app_, in_file, true);
  core_.sandbox.workspace("my-app", "[claude]\noauth_token = { file = \"/fake/x\" }\n");
  std::filesystem::create_directory_symlink(core_.sandbox.home / "away", core_.sandbox.home / "link");
  core_.sandbox.workspace("other", "[claude]\noauth_token = { file = \"~/link/x\" }\n");
  EXPECT_EQ(refused(request(app_, true)).reason, Reason::config_unreadable);
  EXPECT_THAT(core_.files.items(), SizeIs(1));
}

}  // namespace
}  // namespace jackin::lifecycle
