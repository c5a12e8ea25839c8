#include "daemon/lifecycle/recovery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "daemon/lifecycle/discarded_tokens.hpp"
#include "daemon/lifecycle/setup.hpp"
#include "tests/fakes/parts/house.hpp"
#include "tests/support/await.hpp"

namespace jackin::lifecycle {
namespace {

using test::token_like;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* untouched = "# mine\nworkdir = \"/src\"\n";

// What a crash is to a saga: it goes no further, and nobody tidies up.
struct Crash : std::runtime_error {
  Crash() : std::runtime_error("crash") {}
};

class RecoveryTest : public testing::Test {
 protected:
  RecoveryTest() { house_.sandbox.workspace("my-app", untouched); }

  // A setup that crashes where the test says; the daemon is started again afterwards.
  void crash() {
    house_.claude_shows(token_like('a'));
    SetupRequest request;
    request.scope = app_;
    request.client = house_.client;
    request.place.store = "file";
    lifecycle::Setup setup(house_.parts());
    EXPECT_THROW(static_cast<void>(test::await(house_.sandbox.io, setup.run(request, house_.person))), Crash);
    house_.person.when_step = nullptr;
    house_.files.after_put = nullptr;
    house_.restart();
  }
  void crash_at_step(const std::string& wanted) {
    house_.person.when_step = [wanted](std::string_view step) {
      if (step == wanted) throw Crash();
    };
    crash();
  }

  std::vector<Recovered> recover() { return recover(house_.sandbox.clock.uptime()); }
  std::vector<Recovered> recover(Clock::Duration started_at) {
    Recovery recovery(house_.parts(), started_at);
    return test::await(house_.sandbox.io, recovery.run({})).value();
  }

  std::vector<state::OperationRecord> unfinished() { return house_.sandbox.database->unfinished_operations().value(); }

  bool is_wired() { return house_.configuration().effective(app_)->source.has_value(); }

  const Scope app_ = Scope::workspace("my-app").value();
  test::House house_;
};

TEST_F(RecoveryTest, UndoesWhatWasNotWired) {
  for (const std::string step : {"mint", "verify", "store", "read_back"}) {
    crash_at_step(step);
    ASSERT_THAT(unfinished(), SizeIs(1)) << step;
    const auto recovered = recover();
    ASSERT_THAT(recovered, SizeIs(1)) << step;
    EXPECT_EQ(recovered[0].outcome, Outcome::undone) << step << ": " << recovered[0].message;
    EXPECT_EQ(recovered[0].scope, app_);
    EXPECT_THAT(house_.files.items(), IsEmpty()) << step;
    EXPECT_EQ(house_.sandbox.workspace_text("my-app"), untouched) << step;
    EXPECT_THAT(unfinished(), IsEmpty()) << step;
    EXPECT_FALSE(house_.health().token_of(app_)) << step;
    const auto discarded = test::await(house_.sandbox.io, discarded_tokens(house_.parts())).value();
    ASSERT_THAT(discarded, SizeIs(step == "mint" ? 0 : 1)) << step;
    EXPECT_EQ(recovered[0].message.find("discarded") == std::string::npos, step == "mint") << recovered[0].message;
    if (step != "mint") {
      EXPECT_EQ(discarded[0].scope, app_);
      EXPECT_THAT(discarded_message(discarded[0]),
                  testing::AllOf(HasSubstr("the setup of 'my-app'"), HasSubstr("stays valid until 2027-11-23")));
      ASSERT_TRUE(test::await(house_.sandbox.io, acknowledge_discarded(house_.parts())));
    }
    if (step == "mint") house_.terminals.forget_expected();
  }
}

TEST_F(RecoveryTest, DeletesAnItemThatWasStoredJustBeforeTheCrash) {
  house_.files.after_put = [] { throw Crash(); };
  crash();
  ASSERT_THAT(house_.files.items(), SizeIs(1));
  EXPECT_EQ(recover().at(0).outcome, Outcome::undone);
  EXPECT_THAT(house_.files.items(), IsEmpty());
}

TEST_F(RecoveryTest, ListsADiscardedTokenUntilItExpires) {
  crash_at_step("read_back");
  ASSERT_EQ(recover().at(0).outcome, Outcome::undone);
  EXPECT_THAT(test::await(house_.sandbox.io, discarded_tokens(house_.parts())).value(), SizeIs(1));
  house_.sandbox.clock.advance(std::chrono::hours(24) * 366);
  EXPECT_THAT(test::await(house_.sandbox.io, discarded_tokens(house_.parts())).value(), IsEmpty());
}

TEST_F(RecoveryTest, ATokenThatWentOnInAnotherStoreIsNotDiscarded) {
  house_.claude_shows(token_like('a'));
  house_.files.put_fails_after = Error{Reason::store_failed, "no", {}};
  house_.files.find_fails = Error{Reason::source_unreachable, "the store is locked", {}};
  house_.person.answer = [] { return std::string("secret-service"); };
  SetupRequest request;
  request.scope = app_;
  request.client = house_.client;
  request.place.store = "file";
  lifecycle::Setup setup(house_.parts());
  ASSERT_TRUE(test::await(house_.sandbox.io, setup.run(request, house_.person)));
  ASSERT_THAT(unfinished(), SizeIs(1));
  house_.files.find_fails.reset();
  house_.restart();
  EXPECT_EQ(recover().at(0).outcome, Outcome::undone);
  EXPECT_THAT(test::await(house_.sandbox.io, discarded_tokens(house_.parts())).value(), IsEmpty());
}

TEST_F(RecoveryTest, FinishesWhatWasWired) {
  crash_at_step("record");
  ASSERT_TRUE(is_wired());
  EXPECT_FALSE(house_.health().token_of(app_));
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  EXPECT_THAT(house_.files.items(), SizeIs(1));
  EXPECT_THAT(unfinished(), IsEmpty());
  const auto answer = house_.health().probe(app_).value();
  EXPECT_EQ(answer.verdict, health::Verdict::ok);
  EXPECT_EQ(answer.expires_on, parse_date("2027-11-23"));
  EXPECT_EQ(answer.fingerprint, Digest::of(token_like('a')).fingerprint());
  EXPECT_TRUE(house_.health().token_of(app_)->minted_by_us);
  EXPECT_TRUE(house_.health().token_of(app_)->expiry_estimated);
}

TEST_F(RecoveryTest, LeavesAnItemAloneThatIsNotThisOperations) {
  house_.files.after_put = [] { throw Crash(); };
  crash();
  const auto theirs = house_.files.keep("somebody-elses", token_like('b'));
  recover();
  ASSERT_THAT(house_.files.items(), SizeIs(1));
  EXPECT_EQ(house_.files.items().begin()->first, secrets::reference_of(theirs));
}

TEST_F(RecoveryTest, WhatCannotBeFoundOutNowIsStuckAndTriedAgainAtTheNextStart) {
  house_.files.after_put = [] { throw Crash(); };
  crash();
  house_.files.find_fails = Error{Reason::source_unreachable, "the store is locked", {}};
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  ASSERT_THAT(unfinished(), SizeIs(1));
  EXPECT_EQ(unfinished()[0].outcome, "stuck");
  EXPECT_THAT(house_.files.items(), SizeIs(1));
  house_.files.find_fails.reset();
  house_.restart();
  EXPECT_EQ(recover().at(0).outcome, Outcome::undone);
  EXPECT_THAT(house_.files.items(), IsEmpty());
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RecoveryTest, LeavesWhatAnotherScopeHasTakenOver) {
  house_.files.after_put = [] { throw Crash(); };
  crash();
  ASSERT_THAT(house_.files.items(), SizeIs(1));
  const auto source = secrets::parse_reference(house_.files.items().begin()->first);
  const std::string path = std::get<secrets::FileSource>(source.value()).path;
  house_.sandbox.workspace("other", "[claude]\noauth_token = { file = \"" + path + "\" }\n");
  house_.restart();
  const auto recovered = recover();
  EXPECT_EQ(recovered.at(0).outcome, Outcome::done);
  EXPECT_THAT(recovered.at(0).message, HasSubstr("'other' uses it"));
  EXPECT_THAT(house_.files.items(), SizeIs(1));
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RecoveryTest, DeletesTheOldOneWhateverLaterOperationsHaveMadeOfTheSlot) {
  const auto old = house_.files.keep("old", token_like('o'));
  state::JournalDetail detail;
  detail.store = "file";
  detail.reference = "file:/fake/not-wired-any-more";
  detail.old_reference = secrets::reference_of(old);
  detail.delete_old = true;
  detail.slots_done = true;
  for (const std::string kind : {"rotate", "revoke"}) {
    Journal journal(*house_.sandbox.database, house_.sandbox.pool, house_.sandbox.clock,
                    house_.sandbox.paths.config_dir);
    const std::string id = kind == "rotate" ? "rotation2222222222222222aa" : "revocation22222222222222aa";
    ASSERT_TRUE(test::await(house_.sandbox.io, journal.begin(id, kind, app_)));
    ASSERT_TRUE(test::await(house_.sandbox.io, journal.enter(id, "stuck", detail)));
    ASSERT_TRUE(test::await(house_.sandbox.io, journal.end(id, Outcome::stuck)));
    house_.files.keep("old", token_like('o'));
    EXPECT_EQ(recover().at(0).outcome, Outcome::done) << kind;
    EXPECT_THAT(house_.files.items(), IsEmpty()) << kind;
    EXPECT_THAT(unfinished(), IsEmpty()) << kind;
  }
}

TEST_F(RecoveryTest, WaitsForAProgramThatMayStillBeStoring) {
  crash_at_step("store");
  house_.files.outlives = std::chrono::minutes(5);
  house_.sandbox.clock.advance(std::chrono::minutes(30));
  const auto started_at = house_.sandbox.clock.uptime();
  EXPECT_EQ(recover(started_at).at(0).outcome, Outcome::stuck);
  ASSERT_THAT(unfinished(), SizeIs(1));
  house_.sandbox.clock.advance(std::chrono::minutes(6));
  EXPECT_EQ(recover(started_at).at(0).outcome, Outcome::undone);
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RecoveryTest, GoesByTheJournalAsItIsOnceTheScopeIsItsOwn) {
  house_.files.after_put = [] { throw Crash(); };
  crash();
  const auto old = house_.files.keep("old", token_like('o'));
  const Scope other = Scope::workspace("other").value();
  house_.sandbox.workspace("other", untouched);
  Journal journal(*house_.sandbox.database, house_.sandbox.pool, house_.sandbox.clock, house_.sandbox.paths.config_dir);
  const std::string id = "rotation2222222222222222aa";
  ASSERT_TRUE(test::await(house_.sandbox.io, journal.begin(id, "rotate", other)));
  // While the first one is looked at, the second goes on to where it cannot delete its old item.
  house_.files.on_find = [&] {
    state::JournalDetail detail;
    detail.store = "file";
    detail.reference = "file:/fake/new";
    detail.old_reference = secrets::reference_of(old);
    detail.delete_old = true;
    detail.slots_done = true;
    ASSERT_TRUE(house_.sandbox.database->enter_step(id, "delete_old", to_json(detail), house_.sandbox.clock.now()));
  };
  const auto recovered = recover();
  ASSERT_THAT(recovered, SizeIs(2));
  EXPECT_EQ(recovered[1].outcome, Outcome::done) << recovered[1].message;
  EXPECT_THAT(house_.files.items(), IsEmpty());
}

TEST_F(RecoveryTest, LeavesAFieldThatALaterOperationHasWritten) {
  house_.files.into_existing = true;
  house_.files.after_put = [] { throw Crash(); };
  crash();
  ASSERT_THAT(house_.files.items(), SizeIs(1));
  const auto source = secrets::parse_reference(house_.files.items().begin()->first).value();
  house_.sandbox.workspace(
      "my-app", "[claude]\noauth_token = { file = \"" + std::get<secrets::FileSource>(source).path + "\" }\n");
  state::TokenRecord record;
  record.scope = app_;
  record.reference = secrets::reference_of(source);
  record.fingerprint = Digest::of(token_like('a')).fingerprint();
  record.recorded_at = house_.sandbox.clock.now();
  ASSERT_TRUE(test::await(house_.sandbox.io, house_.health().record(record, {})));
  // As a retry that found the first one's doing leaves it.
  state::JournalDetail detail = state::journal_detail_from(unfinished().at(0).detail).value();
  detail.reference.clear();
  ASSERT_TRUE(
      house_.sandbox.database->enter_step(unfinished().at(0).id, "stuck", to_json(detail), house_.sandbox.clock.now()));
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  EXPECT_THAT(house_.files.items(), SizeIs(1));
}

TEST_F(RecoveryTest, WhatCannotBeDeletedIsStuckWithTheCommandThatDeletesIt) {
  house_.files.after_put = [] { throw Crash(); };
  crash();
  house_.files.remove_fails = Error{Reason::permission_denied, "no", {}};
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  const auto detail = state::journal_detail_from(unfinished().at(0).detail);
  ASSERT_TRUE(detail);
  EXPECT_THAT(detail->remedy, testing::StartsWith("rm /fake/my-app-"));
}

TEST_F(RecoveryTest, DeletesNothingWhileItCannotSeeWhetherItIsInUse) {
  crash_at_step("record");
  const std::string wired = house_.sandbox.workspace_text("my-app");
  house_.sandbox.workspace("my-app", wired + "\n[broken\n");
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  EXPECT_THAT(house_.files.items(), SizeIs(1));
  house_.sandbox.workspace("my-app", wired);
  house_.restart();
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
}

TEST_F(RecoveryTest, UndoesASetupWhoseWorkspaceIsGone) {
  house_.files.after_put = [] { throw Crash(); };
  crash();
  std::filesystem::remove(house_.sandbox.paths.workspaces_dir() / "my-app.toml");
  EXPECT_EQ(recover().at(0).outcome, Outcome::undone);
  EXPECT_THAT(house_.files.items(), IsEmpty());
}

TEST_F(RecoveryTest, WhatItDoesNotKnowIsStuckAndNotForgotten) {
  state::OperationRecord record;
  record.id = "from-the-future";
  record.kind = "transmute";
  record.scope = app_;
  record.step = "begun";
  record.detail = "{}";
  ASSERT_TRUE(house_.sandbox.database->begin_operation(record));
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  EXPECT_THAT(unfinished(), SizeIs(1));
}

TEST_F(RecoveryTest, LeavesAScopeAloneThatIsBusy) {
  crash_at_step("store");
  const auto lease = house_.operations().begin("other", "setup", app_, {}, {});
  ASSERT_TRUE(lease);
  EXPECT_THAT(recover(), IsEmpty());
  EXPECT_THAT(unfinished(), SizeIs(1));
}

TEST_F(RecoveryTest, HasNothingToDoAfterAnOrderlyEnd) {
  house_.claude_shows(token_like('a'));
  SetupRequest request;
  request.scope = app_;
  request.client = house_.client;
  lifecycle::Setup setup(house_.parts());
  ASSERT_TRUE(test::await(house_.sandbox.io, setup.run(request, house_.person)));
  house_.restart();
  EXPECT_THAT(recover(), IsEmpty());
}

TEST_F(RecoveryTest, KeepsWhatWasAboutToBeWired) {
  crash_at_step("wire");
  ASSERT_THAT(house_.files.items(), SizeIs(1));
  const std::string reference = house_.files.items().begin()->first;
  EXPECT_EQ(recover().at(0).outcome, Outcome::kept);
  EXPECT_THAT(house_.files.items(), SizeIs(1));
  ASSERT_THAT(unfinished(), SizeIs(1));
  EXPECT_EQ(unfinished()[0].outcome, "kept");
  const auto detail = state::journal_detail_from(unfinished()[0].detail).value();
  EXPECT_EQ(detail.remedy, "jackinctl setup my-app --reuse " + reference);
  EXPECT_THAT(recover(), IsEmpty()) << "said once";
  // Somebody wires it by hand.
  house_.sandbox.workspace(
      "my-app", "[claude]\noauth_token = { file = \"" + reference.substr(std::string("file:").size()) + "\" }\n");
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  EXPECT_TRUE(house_.health().token_of(app_)->minted_by_us);
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RecoveryTest, ForgetsAKeptTokenThatIsGone) {
  crash_at_step("wire");
  EXPECT_EQ(recover().at(0).outcome, Outcome::kept);
  house_.files.drop(secrets::parse_reference(house_.files.items().begin()->first).value());
  EXPECT_EQ(recover().at(0).outcome, Outcome::undone);
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RecoveryTest, DeletesNothingWhileTheConfigurationIsAway) {
  namespace fs = std::filesystem;
  crash_at_step("record");
  ASSERT_TRUE(is_wired());
  const auto& folder = house_.sandbox.paths.config_dir;
  const auto away = house_.sandbox.home / "away";
  fs::rename(folder, away);
  house_.restart();
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  EXPECT_THAT(house_.files.items(), SizeIs(1));
  // Another one stands in its place, in which nobody knows the workspace.
  fs::create_directories(folder / "workspaces");
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  EXPECT_THAT(house_.files.items(), SizeIs(1));
  const auto detail = state::journal_detail_from(unfinished().at(0).detail).value();
  EXPECT_THAT(detail.remedy, testing::StartsWith("jackinctl doctor  # when workspaces/my-app.toml is there again"));
  fs::remove_all(folder);
  fs::rename(away, folder);
  house_.restart();
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  EXPECT_THAT(house_.files.items(), SizeIs(1));
  EXPECT_TRUE(house_.health().token_of(app_));
}

TEST_F(RecoveryTest, LeavesOperationsOfAnotherConfigurationFolderAlone) {
  crash_at_step("record");
  const Paths mine = house_.sandbox.paths;
  house_.sandbox.paths.config_dir = house_.sandbox.home / "another";
  std::filesystem::create_directories(house_.sandbox.paths.workspaces_dir());
  house_.restart();
  EXPECT_THAT(recover(), IsEmpty());
  EXPECT_THAT(house_.files.items(), SizeIs(1));
  ASSERT_THAT(unfinished(), SizeIs(1));
  EXPECT_EQ(unfinished()[0].outcome, "") << "as it was";
  house_.sandbox.paths = mine;
  // The same folder by another way.
  std::filesystem::create_directory_symlink(mine.config_dir, house_.sandbox.home / "link");
  house_.sandbox.paths.config_dir = house_.sandbox.home / "link";
  house_.restart();
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
}

// An operation that another daemon left, of which the test says how far it came.
class LeftRotation : public RecoveryTest {
 protected:
  void leave(const std::string& kind, const std::string& step, const state::JournalDetail& detail) {
    Journal journal(*house_.sandbox.database, house_.sandbox.pool, house_.sandbox.clock,
                    house_.sandbox.paths.config_dir);
    ASSERT_TRUE(test::await(house_.sandbox.io, journal.begin(id_, kind, app_)));
    ASSERT_TRUE(test::await(house_.sandbox.io, journal.enter(id_, step, detail)));
  }
  void know(const secrets::CredentialSource& source, char seed) {
    state::TokenRecord record;
    record.scope = app_;
    record.reference = secrets::reference_of(source);
    record.fingerprint = Digest::of(token_like(seed)).fingerprint();
    record.recorded_at = house_.sandbox.clock.now();
    ASSERT_TRUE(test::await(house_.sandbox.io, house_.health().record(record, {})));
  }
  void away() { std::filesystem::remove(house_.sandbox.paths.workspaces_dir() / "my-app.toml"); }

  const std::string id_ = "rotation2222222222222222aa";
  const std::string slot_ = "[claude]\noauth_token = { file = \"/fake/theirs\" }\n";
};

TEST_F(LeftRotation, RecordsTheNewFingerprintWhateverTheClockSays) {
  const auto theirs = house_.files.keep("theirs", token_like('o'), false);
  house_.sandbox.workspace("my-app", slot_);
  know(theirs, 'o');
  // The clock is set back before the rotation, which is killed when it has written.
  house_.sandbox.clock.set_now(house_.sandbox.clock.now() - std::chrono::hours(1));
  state::JournalDetail detail;
  detail.store = "file";
  detail.place_key = "theirs";
  detail.replaces = true;
  detail.minted = true;
  detail.reference = detail.old_reference = secrets::reference_of(theirs);
  detail.fingerprint = Digest::of(token_like('n')).fingerprint();
  detail.old_fingerprint = Digest::of(token_like('o')).fingerprint();
  leave("rotate", "read_back", detail);
  house_.files.keep("theirs", token_like('n'), false);
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  EXPECT_EQ(house_.health().token_of(app_)->fingerprint, detail.fingerprint);
}

TEST_F(LeftRotation, RecordsTheNewFingerprintAlsoWhileTheConfigurationIsAway) {
  const auto theirs = house_.files.keep("theirs", token_like('o'), false);
  house_.sandbox.workspace("my-app", slot_);
  know(theirs, 'o');
  state::JournalDetail detail;
  detail.store = "file";
  detail.place_key = "theirs";
  detail.replaces = true;
  detail.minted = true;
  detail.reference = detail.old_reference = secrets::reference_of(theirs);
  detail.fingerprint = Digest::of(token_like('n')).fingerprint();
  leave("rotate", "read_back", detail);
  house_.files.keep("theirs", token_like('n'), false);
  away();
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  EXPECT_EQ(house_.health().token_of(app_)->fingerprint, detail.fingerprint);
}

TEST_F(LeftRotation, DeletesNoOldTokenThatAConfigurationMayNameWhichIsAway) {
  const auto old = house_.files.keep("old", token_like('o'));
  state::JournalDetail detail;
  detail.store = "file";
  detail.reference = "file:/fake/new";
  detail.old_reference = secrets::reference_of(old);
  detail.delete_old = true;
  detail.slots_done = true;
  leave("rotate", "delete_old", detail);
  away();
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  EXPECT_THAT(house_.files.items(), SizeIs(1));
  house_.files.drop(old);
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(LeftRotation, ARevocationDeletesNothingThatAConfigurationMayNameWhichIsAway) {
  const auto old = house_.files.keep("old", token_like('o'));
  house_.sandbox.workspace("my-app", "[claude]\noauth_token = { file = \"/fake/old\" }\n");
  know(old, 'o');
  const std::string text = house_.sandbox.workspace_text("my-app");
  state::JournalDetail detail;
  detail.old_reference = secrets::reference_of(old);
  detail.delete_old = true;
  leave("revoke", "clear", detail);
  away();
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  EXPECT_THAT(house_.files.items(), SizeIs(1));
  EXPECT_TRUE(house_.health().token_of(app_));
  house_.sandbox.workspace("my-app", text);
  EXPECT_EQ(recover().at(0).outcome, Outcome::undone) << "it had changed nothing";
  EXPECT_THAT(house_.files.items(), SizeIs(1));
  EXPECT_THAT(unfinished(), IsEmpty());
}

}  // namespace
}  // namespace jackin::lifecycle
