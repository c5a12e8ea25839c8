// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/relocation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "daemon/secrets/file_store.hpp"
#include "tests/unit/lifecycle/saga_fixture.hpp"

namespace jackin::lifecycle {
namespace {

namespace fs = std::filesystem;
using test::token_like;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class RelocationTest : public SagaTest {
 protected:
  RelocationTest() {
    put(old_, token_like('a'));
    core_.sandbox.workspace("my-app", text_naming(old_reference_));
    core_.restart();
  }

  static void put(const fs::path& file, std::string_view token) {
    test::write_file(file, token);
    ASSERT_EQ(chmod(file.c_str(), 0600), 0);
    ASSERT_EQ(chmod(file.parent_path().c_str(), 0700), 0);
  }
  static std::string text_naming(const std::string& path) {
    return "# mine\nworkdir = \"/w\"\n\n[claude]\noauth_token = { file = \"" + path + "\" }  # kept\n";
  }
  std::vector<Recovered> relocate() {
    Relocation relocation(core_.deps());
    return test::await(core_.sandbox.io, relocation.run()).value();
  }
  const std::string name_ = "my-app-abcdefghijklmnopqrstuvwxyz.token";
  const std::string old_reference_ = "~/.jackin/secrets/" + name_;
  const fs::path old_ = core_.sandbox.paths.earlier_tokens_dir() / name_;
  const fs::path new_ = core_.sandbox.paths.tokens_dir() / name_;
};

TEST_F(RelocationTest, TokenInOldFolder_TokenMovedAndSlotUpdated) {
  const auto moved = relocate();
  ASSERT_THAT(moved, SizeIs(1));
  EXPECT_EQ(moved[0].outcome, Outcome::done) << moved[0].message;
  EXPECT_EQ(test::read_file(new_), token_like('a'));
  EXPECT_EQ(text(), text_naming("~/.local/share/jackind/tokens/" + name_));
  EXPECT_FALSE(fs::exists(old_.parent_path()));
  EXPECT_THAT(unfinished(), IsEmpty());
  // A second run finds nothing.
  EXPECT_THAT(relocate(), IsEmpty());
}

TEST_F(RelocationTest, ExternalSlot_OnlyItsEntryChanges) {
  const std::string pair =
      "[claude]\nauth_forward = \"oauth_token\"\n[env]\nCLAUDE_CODE_OAUTH_TOKEN = \"$JACKIND_TOKEN_x\"\n";
  const auto entry = [](const std::string& path) {
    return "[tokens.JACKIND_TOKEN_x]\noauth_token = { file = \"" + path + "\" }\n";
  };
  core_.sandbox.workspace("my-app", pair);
  core_.sandbox.write_configuration("jackind-slots.toml", entry(old_reference_));
  const auto moved = relocate();
  ASSERT_THAT(moved, SizeIs(1));
  EXPECT_EQ(moved[0].outcome, Outcome::done) << moved[0].message;
  EXPECT_EQ(text(), pair);
  EXPECT_EQ(test::read_file(core_.sandbox.paths.slots_file()), entry("~/.local/share/jackind/tokens/" + name_));
  EXPECT_FALSE(fs::exists(old_));
}

TEST_F(RelocationTest, ConfigurationFolderUnreadable_NothingMoved) {
  const auto folder = core_.sandbox.home / "loop";
  fs::create_symlink("loop", folder);
  state::JournalDetail detail;
  detail.config_folder = folder.string();
  detail.old_reference = "file:" + old_reference_;
  state::OperationRecord record;
  record.id = "one";
  record.kind = OperationKind::relocate;
  record.scope = app_;
  record.step = Step::copy;
  record.detail = state::to_json(detail);
  ASSERT_TRUE(core_.sandbox.database->begin_operation(record));
  const auto moved = relocate();
  ASSERT_THAT(moved, SizeIs(1));
  EXPECT_EQ(moved[0].outcome, Outcome::stuck);
  EXPECT_THAT(moved[0].message, HasSubstr("because " + folder.string() + " cannot be read"));
  EXPECT_TRUE(fs::exists(old_));
  ASSERT_THAT(unfinished(), SizeIs(1));
  EXPECT_EQ(unfinished()[0].detail, record.detail);
}

TEST_F(RelocationTest, RecordedToken_RecordsKept) {
  state::TokenRecord token;
  token.scope = app_;
  token.reference = "file:" + old_reference_;
  token.fingerprint = Digest::of(token_like('a')).fingerprint();
  token.expires_on = parse_date("2027-11-23");
  token.minted_by_us = true;
  token.recorded_at = core_.sandbox.clock.now();
  ASSERT_TRUE(core_.sandbox.database->put_token(token));
  state::HealthRecord check;
  check.scope = app_;
  check.slot_key = core_.configuration().effective(app_)->key;
  check.source = SourceState::ok;
  check.upstream = ApiAnswer::valid;
  check.checked_at = core_.sandbox.clock.now();
  check.upstream_at = check.checked_at;
  ASSERT_TRUE(core_.sandbox.database->put_health(check));
  ASSERT_TRUE(core_.sandbox.database->add_history({check.slot_key, Verdict::ok, "it is well", check.checked_at}));
  core_.restart();
  const auto before = core_.probe(app_).value();
  EXPECT_EQ(before.verdict, Verdict::ok);
  relocate();
  const auto after = core_.probe(app_).value();
  EXPECT_EQ(after.verdict, Verdict::ok);
  EXPECT_EQ(after.expires_on, before.expires_on);
  EXPECT_TRUE(after.fresh);
  EXPECT_EQ(core_.health().token_of(app_)->reference, "file:~/.local/share/jackind/tokens/" + name_);
  EXPECT_THAT(core_.sandbox.database->history(core_.configuration().effective(app_)->key).value(), SizeIs(1));
}

TEST_F(RelocationTest, SharedToken_MovedOnce) {
  core_.sandbox.workspace("other", text_naming(old_.string()));
  core_.restart();
  EXPECT_THAT(relocate(), SizeIs(1));
  EXPECT_EQ(core_.sandbox.workspace_text("other"), text_naming("~/.local/share/jackind/tokens/" + name_));
  EXPECT_EQ(text(), text_naming("~/.local/share/jackind/tokens/" + name_));
}

TEST_F(RelocationTest, ConfigurationUnreadable_OldFileKept) {
  core_.sandbox.workspace("broken", "workdir = [\n");
  core_.restart();
  const auto moved = relocate();
  ASSERT_THAT(moved, SizeIs(1));
  EXPECT_EQ(moved[0].outcome, Outcome::stuck);
  EXPECT_THAT(moved[0].message, HasSubstr("broken"));
  EXPECT_EQ(text(), text_naming("~/.local/share/jackind/tokens/" + name_));
  EXPECT_TRUE(fs::exists(old_));
  ASSERT_THAT(unfinished(), SizeIs(1));
  core_.sandbox.workspace("broken", "workdir = \"/w\"\n");
  EXPECT_EQ(relocate().at(0).outcome, Outcome::done);
  EXPECT_FALSE(fs::exists(old_));
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(RelocationTest, SlotNotWritable_Stays) {
  if (geteuid() == 0) GTEST_SKIP() << "root writes everywhere";
  const fs::path folder = core_.sandbox.paths.workspaces_dir();
  ASSERT_EQ(chmod(folder.c_str(), 0500), 0);
  EXPECT_EQ(relocate().at(0).outcome, Outcome::stuck);
  ASSERT_EQ(chmod(folder.c_str(), 0700), 0);
  EXPECT_EQ(text(), text_naming(old_reference_));
  EXPECT_TRUE(fs::exists(old_));
  EXPECT_EQ(relocate().at(0).outcome, Outcome::done);
}

TEST_F(RelocationTest, TargetExists_NotReplaced) {
  put(new_, token_like('b'));
  const auto moved = relocate();
  ASSERT_THAT(moved, SizeIs(1));
  EXPECT_EQ(moved[0].outcome, Outcome::stuck);
  EXPECT_EQ(test::read_file(new_), token_like('b'));
  EXPECT_EQ(test::read_file(old_), token_like('a'));
  EXPECT_EQ(text(), text_naming(old_reference_));
}

TEST_F(RelocationTest, Interrupted_Continued) {
  // The file is copied, and other slots may be written: only this slot is left.
  put(new_, token_like('a'));
  EXPECT_EQ(relocate().at(0).outcome, Outcome::done);
  EXPECT_EQ(text(), text_naming("~/.local/share/jackind/tokens/" + name_));
  // Another configuration still names the old place, which no longer exists.
  core_.sandbox.workspace("late", text_naming(old_reference_));
  core_.restart();
  EXPECT_EQ(relocate().at(0).outcome, Outcome::done);
  EXPECT_EQ(core_.sandbox.workspace_text("late"), text_naming("~/.local/share/jackind/tokens/" + name_));
}

TEST_F(RelocationTest, ForeignFile_NotMoved) {
  put(old_.parent_path() / "mine", token_like('c'));
  core_.sandbox.workspace("mine", text_naming("~/.jackin/secrets/mine"));
  core_.restart();
  EXPECT_THAT(relocate(), SizeIs(1));
  EXPECT_EQ(core_.sandbox.workspace_text("mine"), text_naming("~/.jackin/secrets/mine"));
  EXPECT_EQ(test::read_file(old_.parent_path() / "mine"), token_like('c'));
}

TEST_F(RelocationTest, OpenOperations_ReferencesUpdated) {
  state::OperationRecord open;
  open.id = "bcdefghijklmnopqrstuvwxyza";
  open.kind = OperationKind::rotate;
  open.scope = app_;
  open.step = Step::delete_old;
  state::JournalDetail detail;
  detail.old_reference = "file:" + old_reference_;
  detail.slots_done = true;
  open.detail = state::to_json(detail);
  open.begun_at = open.changed_at = core_.sandbox.clock.now();
  ASSERT_TRUE(core_.sandbox.database->begin_operation(open));
  relocate();
  ASSERT_THAT(unfinished(), SizeIs(1));
  EXPECT_EQ(state::journal_detail_from(unfinished()[0].detail)->old_reference,
            "file:~/.local/share/jackind/tokens/" + name_);
}

}  // namespace
}  // namespace jackin::lifecycle
