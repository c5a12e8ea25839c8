// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/recovery.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

#include "common/remedy_command.hpp"
#include "common/words.hpp"
#include "daemon/lifecycle/discarded_tokens.hpp"
#include "daemon/lifecycle/setup.hpp"
#include "tests/unit/lifecycle/saga_fixture.hpp"

namespace jackin::lifecycle {
namespace {

using test::token_like;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* untouched = "# mine\nworkdir = \"/src\"\n";

// Simulates a crash for a saga: it stops, and nothing cleans up.
struct Crash : std::runtime_error {
  Crash() : std::runtime_error("crash") {}
};

class RecoveryTest : public SagaTest {
 protected:
  RecoveryTest() { core_.sandbox.workspace("my-app", untouched); }

  // A setup that crashes where the test says; the daemon is started again afterwards.
  void crash() {
    core_.claude_shows(token_like('a'));
    auto request = request_for<SetupRequest>(app_);
    request.plain = plain_;
    if (!plain_) request.place.store = SourceKind::file;
    EXPECT_THROW(static_cast<void>(run_saga<lifecycle::Setup>(request)), Crash);
    core_.user.when_step = nullptr;
    core_.files.after_put = nullptr;
    core_.restart();
  }
  void crash_at_step(Step wanted) {
    core_.user.when_step = [wanted](Step step) {
      if (step == wanted) throw Crash();
    };
    crash();
  }

  std::vector<Recovered> recover() { return recover(core_.sandbox.clock.uptime()); }
  std::vector<Recovered> recover(Clock::Duration started_at) {
    Recovery recovery(core_.deps(), started_at);
    return test::await(core_.sandbox.io, recovery.run({})).value();
  }

  std::string slots() const { return test::read_file(core_.sandbox.paths.slots_file()); }

  bool plain_ = false;

  bool is_configured() { return core_.configuration().effective(app_)->source.has_value(); }
};

TEST_F(RecoveryTest, ConfigurationFolderUnreadable_EntryStays) {
  crash_at_step(Step::verify);
  const auto folder = core_.sandbox.home / "loop";
  std::filesystem::create_symlink("loop", folder);
  state::JournalDetail detail;
  detail.config_folder = folder.string();
  const std::string json = state::to_json(detail);
  ASSERT_TRUE(core_.sandbox.database->enter_step(unfinished().at(0).id, Step::verify, json, core_.sandbox.clock.now()));
  const auto recovered = recover();
  ASSERT_THAT(recovered, SizeIs(1));
  EXPECT_EQ(recovered[0].outcome, Outcome::stuck) << "and so it is tried again";
  EXPECT_THAT(recovered[0].message, HasSubstr("because " + folder.string() + " cannot be read"));
  ASSERT_THAT(unfinished(), SizeIs(1));
  EXPECT_EQ(unfinished()[0].detail, json);
  EXPECT_EQ(unfinished()[0].outcome, std::nullopt);
}

TEST_F(RecoveryTest, DetailOfLaterVersion_Unchanged) {
  crash_at_step(Step::verify);
  const std::string detail = R"({"store":"of-a-later-version","minted":true,"fingerprint":"0123456789ab"})";
  ASSERT_TRUE(
      core_.sandbox.database->enter_step(unfinished().at(0).id, Step::store, detail, core_.sandbox.clock.now()));
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  ASSERT_THAT(unfinished(), SizeIs(1));
  EXPECT_EQ(unfinished()[0].detail, detail);
}

TEST_F(RecoveryTest, NotInConfiguration_Undone) {
  for (const Step at : {Step::mint, Step::verify, Step::store}) {
    crash_at_step(at);
    const std::string step(word_of(at));
    ASSERT_THAT(unfinished(), SizeIs(1)) << step;
    const auto recovered = recover();
    ASSERT_THAT(recovered, SizeIs(1)) << step;
    EXPECT_EQ(recovered[0].outcome, Outcome::undone) << step << ": " << recovered[0].message;
    EXPECT_EQ(recovered[0].scope, app_);
    EXPECT_THAT(core_.files.items(), IsEmpty()) << step;
    EXPECT_EQ(core_.sandbox.workspace_text("my-app"), untouched) << step;
    EXPECT_THAT(unfinished(), IsEmpty()) << step;
    EXPECT_FALSE(core_.health().token_of(app_)) << step;
    const auto discarded = test::await(core_.sandbox.io, discarded_tokens(core_.deps())).value();
    ASSERT_THAT(discarded, SizeIs(at == Step::mint ? 0 : 1)) << step;
    EXPECT_EQ(recovered[0].message.find("discarded") == std::string::npos, at == Step::mint) << recovered[0].message;
    if (at != Step::mint) {
      EXPECT_EQ(discarded[0].scope, app_);
      EXPECT_THAT(discarded_message(discarded[0]),
                  testing::AllOf(HasSubstr("the setup of 'my-app'"), HasSubstr("stays valid until 2027-11-23")));
      ASSERT_TRUE(test::await(core_.sandbox.io, acknowledge_discarded(core_.deps())));
    }
    if (at == Step::mint) core_.terminals.forget_expected();
  }
}

TEST_F(RecoveryTest, CrashAfterPut_TokenKept) {
  for (const bool has_read : {false, true}) {
    core_.files.after_put = [has_read] {
      if (!has_read) throw Crash();
    };
    if (has_read) {
      crash_at_step(Step::read_back);
    } else {
      crash();
    }
    ASSERT_THAT(core_.files.items(), SizeIs(1));
    const std::string reference = core_.files.items().begin()->first;
    EXPECT_EQ(recover().at(0).outcome, Outcome::kept);
    EXPECT_THAT(core_.files.items(), SizeIs(1));
    EXPECT_EQ(core_.sandbox.workspace_text("my-app"), untouched);
    ASSERT_THAT(unfinished(), SizeIs(1));
    EXPECT_EQ(unfinished()[0].outcome, Outcome::kept);
    EXPECT_EQ(command_line(state::journal_detail_from(unfinished()[0].detail)->remedy),
              "jackinctl setup my-app --reuse " + reference);
    EXPECT_THAT(test::await(core_.sandbox.io, discarded_tokens(core_.deps())).value(), IsEmpty());
    const auto published = core_.operations().recent(core_.sandbox.clock.now());
    ASSERT_FALSE(published.empty());
    EXPECT_EQ(published.back().kind, OperationKind::recovery);
    EXPECT_EQ(published.back().journal_id, unfinished()[0].id);
    EXPECT_NE(published.back().id, unfinished()[0].id) << "the operation's own result stays";
    EXPECT_EQ(published.back().result->outcome, Outcome::kept);
    EXPECT_THAT(recover(), IsEmpty()) << "said once";
    core_.files.drop(secrets::parse_reference(reference).value());
    EXPECT_EQ(recover().at(0).outcome, Outcome::undone);
    ASSERT_TRUE(test::await(core_.sandbox.io, discarded_tokens(core_.deps())));
    ASSERT_TRUE(test::await(core_.sandbox.io, acknowledge_discarded(core_.deps())));
  }
}

TEST_F(RecoveryTest, CrashAfterPut_OtherContent_ItemDeleted) {
  core_.files.after_put = [] { throw Crash(); };
  crash();
  core_.files.reads_another = true;
  EXPECT_EQ(recover().at(0).outcome, Outcome::undone);
  EXPECT_THAT(core_.files.items(), IsEmpty());
  EXPECT_THAT(test::await(core_.sandbox.io, discarded_tokens(core_.deps())).value(), SizeIs(1));
}

TEST_F(RecoveryTest, CrashAfterPut_ContentUnknown_Stuck) {
  core_.files.after_put = [] { throw Crash(); };
  crash();
  core_.files.read_fails = Error{Reason::source_unreachable, "the store is locked", {}};
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  EXPECT_THAT(core_.files.items(), SizeIs(1));
  core_.files.read_fails.reset();
  EXPECT_EQ(recover().at(0).outcome, Outcome::kept);
}

TEST_F(RecoveryTest, DiscardedToken_ListedUntilExpiry) {
  crash_at_step(Step::store);
  ASSERT_EQ(recover().at(0).outcome, Outcome::undone);
  EXPECT_THAT(test::await(core_.sandbox.io, discarded_tokens(core_.deps())).value(), SizeIs(1));
  core_.sandbox.clock.advance(std::chrono::hours(24) * 366);
  EXPECT_THAT(test::await(core_.sandbox.io, discarded_tokens(core_.deps())).value(), IsEmpty());
}

TEST_F(RecoveryTest, TokenInOtherStore_NotDiscarded) {
  core_.claude_shows(token_like('a'));
  core_.files.put_fails_after = Error{Reason::store_failed, "no", {}};
  core_.files.find_fails = Error{Reason::source_unreachable, "the store is locked", {}};
  core_.user.answer = [] { return ChoiceKey{ChoiceKind::use_store, SourceKind::secret_service}; };
  auto request = request_for<SetupRequest>(app_);
  request.place.store = SourceKind::file;
  ASSERT_TRUE(run_saga<lifecycle::Setup>(request));
  ASSERT_THAT(unfinished(), SizeIs(1));
  core_.files.find_fails.reset();
  core_.restart();
  EXPECT_EQ(recover().at(0).outcome, Outcome::undone);
  EXPECT_THAT(test::await(core_.sandbox.io, discarded_tokens(core_.deps())).value(), IsEmpty());
}

TEST_F(RecoveryTest, InConfiguration_Finished) {
  crash_at_step(Step::record);
  ASSERT_TRUE(is_configured());
  EXPECT_FALSE(core_.health().token_of(app_));
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  EXPECT_THAT(core_.files.items(), SizeIs(1));
  EXPECT_THAT(unfinished(), IsEmpty());
  const auto answer = core_.probe(app_).value();
  EXPECT_EQ(answer.verdict, Verdict::ok);
  EXPECT_EQ(answer.expires_on, parse_date("2027-11-23"));
  EXPECT_EQ(answer.fingerprint, Digest::of(token_like('a')).fingerprint());
  EXPECT_TRUE(core_.health().token_of(app_)->minted_by_us);
  EXPECT_TRUE(core_.health().token_of(app_)->expiry_estimated);
}

TEST_F(RecoveryTest, InExternalSlot_Finished) {
  core_.settings.slot_style = config::SlotPreference::external;
  crash_at_step(Step::record);
  const auto recovered = recover();
  ASSERT_THAT(recovered, SizeIs(1));
  EXPECT_EQ(recovered[0].outcome, Outcome::done) << recovered[0].message;
  EXPECT_THAT(core_.files.items(), SizeIs(1));
  EXPECT_TRUE(core_.health().token_of(app_));
  EXPECT_THAT(unfinished(), IsEmpty());
}

// The crash came between the entry in jackind-slots.toml and jackin's file.
TEST_F(RecoveryTest, OnlyEntryOfExternalSlotWritten_NoUse) {
  core_.settings.slot_style = config::SlotPreference::external;
  crash_at_step(Step::record);
  core_.sandbox.workspace("my-app", untouched);
  const auto recovered = recover();
  ASSERT_THAT(recovered, SizeIs(1));
  EXPECT_EQ(recovered[0].outcome, Outcome::kept) << recovered[0].message;
  EXPECT_THAT(core_.files.items(), SizeIs(1)) << "the user need not consent again";
  EXPECT_EQ(slots(), "");
}

TEST_F(RecoveryTest, OnlyEntryWithTokenWritten_Removed) {
  core_.settings.slot_style = config::SlotPreference::external;
  plain_ = true;
  crash_at_step(Step::record);
  core_.sandbox.workspace("my-app", untouched);
  EXPECT_EQ(recover().at(0).outcome, Outcome::undone);
  EXPECT_EQ(slots(), "");
}

// As a mount point whose folder is not mounted.
TEST_F(RecoveryTest, FolderOfWorkspacesEmpty_EntriesStay) {
  core_.settings.slot_style = config::SlotPreference::external;
  for (const bool plain : {false, true}) {
    plain_ = plain;
    core_.sandbox.workspace("my-app", untouched);
    crash_at_step(Step::record);
    const std::string before = slots();
    EXPECT_THAT(before, HasSubstr("[tokens.JACKIND_TOKEN_my_2dapp"));
    const auto folder = core_.sandbox.paths.workspaces_dir();
    const auto away = core_.sandbox.home / "away";
    std::filesystem::rename(folder, away);
    std::filesystem::create_directory(folder);
    recover();
    EXPECT_EQ(slots(), before);
    std::filesystem::remove(folder);
    std::filesystem::rename(away, folder);
    core_.restart();
    EXPECT_TRUE(is_configured());
    recover();
    EXPECT_EQ(slots(), before);
  }
}

TEST_F(RecoveryTest, ForeignItem_Untouched) {
  core_.files.after_put = [] { throw Crash(); };
  crash();
  const auto theirs = core_.files.keep("somebody-elses", token_like('b'));
  core_.files.reads_another = true;
  recover();
  ASSERT_THAT(core_.files.items(), SizeIs(1));
  EXPECT_EQ(core_.files.items().begin()->first, secrets::reference_of(theirs));
}

TEST_F(RecoveryTest, StoreUnavailable_StuckAndRetriedAtNextStart) {
  core_.files.after_put = [] { throw Crash(); };
  crash();
  core_.files.find_fails = Error{Reason::source_unreachable, "the store is locked", {}};
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  ASSERT_THAT(unfinished(), SizeIs(1));
  EXPECT_EQ(unfinished()[0].outcome, Outcome::stuck);
  EXPECT_THAT(core_.files.items(), SizeIs(1));
  core_.files.find_fails.reset();
  core_.restart();
  EXPECT_EQ(recover().at(0).outcome, Outcome::kept);
  EXPECT_THAT(core_.files.items(), SizeIs(1));
}

TEST_F(RecoveryTest, TakenOverByOtherScope_Kept) {
  core_.files.after_put = [] { throw Crash(); };
  crash();
  ASSERT_THAT(core_.files.items(), SizeIs(1));
  const auto source = secrets::parse_reference(core_.files.items().begin()->first);
  const std::string path = std::get<secrets::FileSource>(source.value()).path;
  core_.sandbox.workspace("other", "[claude]\noauth_token = { file = \"" + path + "\" }\n");
  core_.restart();
  const auto recovered = recover();
  EXPECT_EQ(recovered.at(0).outcome, Outcome::done);
  EXPECT_THAT(recovered.at(0).message, HasSubstr("'other' uses it"));
  EXPECT_THAT(core_.files.items(), SizeIs(1));
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RecoveryTest, DeleteOld_SlotChangedSince_Deleted) {
  const auto old = core_.files.keep("old", token_like('o'));
  state::JournalDetail detail;
  detail.store = SourceKind::file;
  detail.reference = "file:/fake/not-wired-any-more";
  detail.old_reference = secrets::reference_of(old);
  detail.delete_old = true;
  detail.slots_done = true;
  for (const OperationKind operation : {OperationKind::rotate, OperationKind::revoke}) {
    const std::string kind(word_of(operation));
    Journal journal(*core_.sandbox.database, core_.sandbox.pool, core_.sandbox.clock, core_.sandbox.paths.config_dir);
    const std::string id =
        operation == OperationKind::rotate ? "rotation2222222222222222aa" : "revocation22222222222222aa";
    ASSERT_TRUE(test::await(core_.sandbox.io, journal.begin(id, operation, app_)));
    ASSERT_TRUE(test::await(core_.sandbox.io, journal.enter(id, Step::stuck, detail)));
    ASSERT_TRUE(test::await(core_.sandbox.io, journal.end(id, Outcome::stuck)));
    core_.files.keep("old", token_like('o'));
    EXPECT_EQ(recover().at(0).outcome, Outcome::done) << kind;
    EXPECT_THAT(core_.files.items(), IsEmpty()) << kind;
    EXPECT_THAT(unfinished(), IsEmpty()) << kind;
  }
}

TEST_F(RecoveryTest, StoringProgramMayStillRun_Waits) {
  crash_at_step(Step::store);
  core_.files.outlives = std::chrono::minutes(5);
  core_.sandbox.clock.advance(std::chrono::minutes(30));
  const auto started_at = core_.sandbox.clock.uptime();
  EXPECT_EQ(recover(started_at).at(0).outcome, Outcome::stuck);
  ASSERT_THAT(unfinished(), SizeIs(1));
  core_.sandbox.clock.advance(std::chrono::minutes(6));
  EXPECT_EQ(recover(started_at).at(0).outcome, Outcome::undone);
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RecoveryTest, JournalChangedMeanwhile_ReadAgain) {
  core_.files.after_put = [] { throw Crash(); };
  crash();
  core_.files.reads_another = true;
  const auto old = core_.files.keep("old", token_like('o'));
  const Scope other = Scope::workspace("other").value();
  core_.sandbox.workspace("other", untouched);
  Journal journal(*core_.sandbox.database, core_.sandbox.pool, core_.sandbox.clock, core_.sandbox.paths.config_dir);
  const std::string id = "rotation2222222222222222aa";
  ASSERT_TRUE(test::await(core_.sandbox.io, journal.begin(id, OperationKind::rotate, other)));
  // While the first operation is examined, the second one continues to the point where it cannot delete its old item.
  core_.files.on_find = [&] {
    state::JournalDetail detail;
    detail.store = SourceKind::file;
    detail.reference = "file:/fake/new";
    detail.old_reference = secrets::reference_of(old);
    detail.delete_old = true;
    detail.slots_done = true;
    ASSERT_TRUE(core_.sandbox.database->enter_step(id, Step::delete_old, to_json(detail), core_.sandbox.clock.now()));
  };
  const auto recovered = recover();
  ASSERT_THAT(recovered, SizeIs(2));
  EXPECT_EQ(recovered[1].outcome, Outcome::done) << recovered[1].message;
  EXPECT_THAT(core_.files.items(), IsEmpty());
}

TEST_F(RecoveryTest, FieldWrittenByLaterOperation_Kept) {
  core_.files.into_existing = true;
  core_.files.after_put = [] { throw Crash(); };
  crash();
  ASSERT_THAT(core_.files.items(), SizeIs(1));
  const auto source = secrets::parse_reference(core_.files.items().begin()->first).value();
  core_.sandbox.workspace(
      "my-app", "[claude]\noauth_token = { file = \"" + std::get<secrets::FileSource>(source).path + "\" }\n");
  state::TokenRecord record;
  record.scope = app_;
  record.reference = secrets::reference_of(source);
  record.fingerprint = Digest::of(token_like('a')).fingerprint();
  record.recorded_at = core_.sandbox.clock.now();
  ASSERT_TRUE(test::await(core_.sandbox.io, core_.health().record(record, {})));
  // The journal entry of a retry that found the item of the first attempt.
  state::JournalDetail detail = state::journal_detail_from(unfinished().at(0).detail).value();
  detail.reference.clear();
  ASSERT_TRUE(core_.sandbox.database->enter_step(unfinished().at(0).id, Step::stuck, to_json(detail),
                                                 core_.sandbox.clock.now()));
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  EXPECT_THAT(core_.files.items(), SizeIs(1));
}

TEST_F(RecoveryTest, DeleteFails_StuckWithRemovalCommand) {
  core_.files.after_put = [] { throw Crash(); };
  crash();
  core_.files.remove_fails = Error{Reason::permission_denied, "no", {}};
  core_.files.reads_another = true;
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  const auto detail = state::journal_detail_from(unfinished().at(0).detail);
  ASSERT_TRUE(detail);
  EXPECT_THAT(command_line(detail->remedy), testing::StartsWith("rm /fake/my-app-"));
}

TEST_F(RecoveryTest, UseUnknown_NothingDeleted) {
  crash_at_step(Step::record);
  const std::string configured = core_.sandbox.workspace_text("my-app");
  core_.sandbox.workspace("my-app", configured + "\n[broken\n");
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  EXPECT_THAT(core_.files.items(), SizeIs(1));
  core_.sandbox.workspace("my-app", configured);
  core_.restart();
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
}

TEST_F(RecoveryTest, WorkspaceGone_TokenKept) {
  core_.files.after_put = [] { throw Crash(); };
  crash();
  std::filesystem::remove(core_.sandbox.paths.workspaces_dir() / "my-app.toml");
  EXPECT_EQ(recover().at(0).outcome, Outcome::kept);
  EXPECT_THAT(core_.files.items(), SizeIs(1));
}

TEST_F(RecoveryTest, UnknownKind_StuckAndKept) {
  state::OperationRecord record;
  record.id = "from-the-future";
  record.scope = app_;
  record.detail = "{}";
  ASSERT_TRUE(core_.sandbox.database->begin_operation(record));
  SQLite::Database(core_.sandbox.paths.database().string(), SQLite::OPEN_READWRITE)
      .exec("UPDATE operation SET kind = 'transmute', step = 'dissolve'");
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  EXPECT_THAT(unfinished(), SizeIs(1));
}

TEST_F(RecoveryTest, ScopeBusy_Skipped) {
  crash_at_step(Step::store);
  const auto lease = core_.operations().begin("other", OperationKind::setup, app_, {}, {});
  ASSERT_TRUE(lease);
  EXPECT_THAT(recover(), IsEmpty());
  EXPECT_THAT(unfinished(), SizeIs(1));
}

TEST_F(RecoveryTest, OrderlyEnd_NothingToDo) {
  core_.claude_shows(token_like('a'));
  ASSERT_TRUE(run_saga<lifecycle::Setup>(request_for<SetupRequest>(app_)));
  core_.restart();
  EXPECT_THAT(recover(), IsEmpty());
}

TEST_F(RecoveryTest, BeforeWriteConfig_Kept) {
  crash_at_step(Step::write_config);
  ASSERT_THAT(core_.files.items(), SizeIs(1));
  const std::string reference = core_.files.items().begin()->first;
  EXPECT_EQ(recover().at(0).outcome, Outcome::kept);
  EXPECT_THAT(core_.files.items(), SizeIs(1));
  ASSERT_THAT(unfinished(), SizeIs(1));
  EXPECT_EQ(unfinished()[0].outcome, Outcome::kept);
  const auto detail = state::journal_detail_from(unfinished()[0].detail).value();
  EXPECT_EQ(command_line(detail.remedy), "jackinctl setup my-app --reuse " + reference);
  EXPECT_THAT(recover(), IsEmpty()) << "said once";
  // The user writes the slot manually.
  core_.sandbox.workspace(
      "my-app", "[claude]\noauth_token = { file = \"" + reference.substr(std::string("file:").size()) + "\" }\n");
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  EXPECT_TRUE(core_.health().token_of(app_)->minted_by_us);
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RecoveryTest, KeptTokenGone_Forgotten) {
  crash_at_step(Step::write_config);
  EXPECT_EQ(recover().at(0).outcome, Outcome::kept);
  core_.files.drop(secrets::parse_reference(core_.files.items().begin()->first).value());
  EXPECT_EQ(recover().at(0).outcome, Outcome::undone);
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RecoveryTest, ConfigurationUnavailable_NothingDeleted) {
  namespace fs = std::filesystem;
  crash_at_step(Step::record);
  ASSERT_TRUE(is_configured());
  const auto& folder = core_.sandbox.paths.config_dir;
  const auto away = core_.sandbox.home / "away";
  fs::rename(folder, away);
  core_.restart();
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  EXPECT_THAT(core_.files.items(), SizeIs(1));
  // Another folder is in its place, without the workspace.
  fs::create_directories(folder / "workspaces");
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  EXPECT_THAT(core_.files.items(), SizeIs(1));
  const auto detail = state::journal_detail_from(unfinished().at(0).detail).value();
  EXPECT_THAT(command_line(detail.remedy),
              testing::StartsWith("jackinctl doctor  # when workspaces/my-app.toml exists again"));
  fs::remove_all(folder);
  fs::rename(away, folder);
  core_.restart();
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  EXPECT_THAT(core_.files.items(), SizeIs(1));
  EXPECT_TRUE(core_.health().token_of(app_));
}

TEST_F(RecoveryTest, OtherConfigurationFolder_Skipped) {
  crash_at_step(Step::record);
  const Paths mine = core_.sandbox.paths;
  core_.sandbox.paths.config_dir = core_.sandbox.home / "another";
  std::filesystem::create_directories(core_.sandbox.paths.workspaces_dir());
  core_.restart();
  EXPECT_THAT(recover(), IsEmpty());
  EXPECT_THAT(core_.files.items(), SizeIs(1));
  ASSERT_THAT(unfinished(), SizeIs(1));
  EXPECT_EQ(unfinished()[0].outcome, std::nullopt) << "as it was";
  core_.sandbox.paths = mine;
  // The same folder by another path.
  std::filesystem::create_directory_symlink(mine.config_dir, core_.sandbox.home / "link");
  core_.sandbox.paths.config_dir = core_.sandbox.home / "link";
  core_.restart();
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
}

// An operation that another daemon left; the test determines its last step.
class LeftRotation : public RecoveryTest {
 protected:
  void leave(OperationKind kind, Step step, const state::JournalDetail& detail) {
    Journal journal(*core_.sandbox.database, core_.sandbox.pool, core_.sandbox.clock, core_.sandbox.paths.config_dir);
    ASSERT_TRUE(test::await(core_.sandbox.io, journal.begin(id_, kind, app_)));
    ASSERT_TRUE(test::await(core_.sandbox.io, journal.enter(id_, step, detail)));
  }
  void know(const secrets::CredentialSource& source, char seed) { know(source, seed, app_); }
  void know(const secrets::CredentialSource& source, char seed, const Scope& scope) {
    state::TokenRecord record;
    record.scope = scope;
    record.reference = secrets::reference_of(source);
    record.fingerprint = Digest::of(token_like(seed)).fingerprint();
    record.recorded_at = core_.sandbox.clock.now();
    ASSERT_TRUE(test::await(core_.sandbox.io, core_.health().record(record, {})));
  }
  void away() { std::filesystem::remove(core_.sandbox.paths.workspaces_dir() / "my-app.toml"); }

  const std::string id_ = "rotation2222222222222222aa";
  const std::string slot_ = "[claude]\noauth_token = { file = \"/fake/theirs\" }\n";
};

TEST_F(LeftRotation, Rotation_ClockSetBack_FingerprintRecorded) {
  const auto theirs = core_.files.keep("theirs", token_like('o'), false);
  core_.sandbox.workspace("my-app", slot_);
  know(theirs, 'o');
  // The clock is set back before the rotation, which is killed after it has written.
  core_.sandbox.clock.set_now(core_.sandbox.clock.now() - std::chrono::hours(1));
  state::JournalDetail detail;
  detail.store = SourceKind::file;
  detail.place_key = "theirs";
  detail.replaces = true;
  detail.minted = true;
  detail.reference = detail.old_reference = secrets::reference_of(theirs);
  detail.fingerprint = Digest::of(token_like('n')).fingerprint();
  detail.old_fingerprint = Digest::of(token_like('o')).fingerprint();
  leave(OperationKind::rotate, Step::read_back, detail);
  core_.files.keep("theirs", token_like('n'), false);
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  EXPECT_EQ(core_.health().token_of(app_)->fingerprint, detail.fingerprint);
}

TEST_F(LeftRotation, Rotation_ConfigurationUnavailable_FingerprintRecorded) {
  const auto theirs = core_.files.keep("theirs", token_like('o'), false);
  core_.sandbox.workspace("my-app", slot_);
  know(theirs, 'o');
  state::JournalDetail detail;
  detail.store = SourceKind::file;
  detail.place_key = "theirs";
  detail.replaces = true;
  detail.minted = true;
  detail.reference = detail.old_reference = secrets::reference_of(theirs);
  detail.fingerprint = Digest::of(token_like('n')).fingerprint();
  leave(OperationKind::rotate, Step::read_back, detail);
  core_.files.keep("theirs", token_like('n'), false);
  away();
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  EXPECT_EQ(core_.health().token_of(app_)->fingerprint, detail.fingerprint);
}

TEST_F(LeftRotation, Rotation_SharersUnavailable_FingerprintsRecorded) {
  const auto theirs = core_.files.keep("theirs", token_like('o'), false);
  const Scope broken = Scope::workspace("broken").value();
  const Scope gone = Scope::workspace("gone").value();
  for (const Scope& scope : {app_, broken, gone}) {
    core_.sandbox.workspace(scope.workspace_name(), slot_);
    know(theirs, 'o', scope);
  }
  state::JournalDetail detail;
  detail.store = SourceKind::file;
  detail.place_key = "theirs";
  detail.replaces = true;
  detail.minted = true;
  detail.reference = detail.old_reference = secrets::reference_of(theirs);
  detail.fingerprint = Digest::of(token_like('n')).fingerprint();
  leave(OperationKind::rotate, Step::read_back, detail);
  core_.files.keep("theirs", token_like('n'), false);
  core_.sandbox.workspace("broken", "[claude\n");
  std::filesystem::remove(core_.sandbox.paths.workspaces_dir() / "gone.toml");
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  for (const Scope& scope : {app_, broken, gone}) {
    EXPECT_EQ(core_.health().token_of(scope)->fingerprint, detail.fingerprint) << scope.str();
  }
}

TEST_F(LeftRotation, Rotation_ConfigurationUnavailable_OldTokenKept) {
  const auto old = core_.files.keep("old", token_like('o'));
  state::JournalDetail detail;
  detail.store = SourceKind::file;
  detail.reference = "file:/fake/new";
  detail.old_reference = secrets::reference_of(old);
  detail.delete_old = true;
  detail.slots_done = true;
  leave(OperationKind::rotate, Step::delete_old, detail);
  away();
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  EXPECT_THAT(core_.files.items(), SizeIs(1));
  core_.files.drop(old);
  EXPECT_EQ(recover().at(0).outcome, Outcome::done);
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(LeftRotation, Revocation_ConfigurationUnavailable_TokenKept) {
  const auto old = core_.files.keep("old", token_like('o'));
  core_.sandbox.workspace("my-app", "[claude]\noauth_token = { file = \"/fake/old\" }\n");
  know(old, 'o');
  const std::string text = core_.sandbox.workspace_text("my-app");
  state::JournalDetail detail;
  detail.old_reference = secrets::reference_of(old);
  detail.delete_old = true;
  leave(OperationKind::revoke, Step::clear, detail);
  away();
  EXPECT_EQ(recover().at(0).outcome, Outcome::stuck);
  EXPECT_THAT(core_.files.items(), SizeIs(1));
  EXPECT_TRUE(core_.health().token_of(app_));
  core_.sandbox.workspace("my-app", text);
  EXPECT_EQ(recover().at(0).outcome, Outcome::undone) << "it had changed nothing";
  EXPECT_THAT(core_.files.items(), SizeIs(1));
  EXPECT_THAT(unfinished(), IsEmpty());
}

}  // namespace
}  // namespace jackin::lifecycle
