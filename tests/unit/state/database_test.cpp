// SPDX-License-Identifier: Apache-2.0
#include "daemon/state/database.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "common/recorded_reference.hpp"
#include "daemon/state/journal_detail.hpp"
#include "daemon/state/move_database.hpp"
#include "daemon/state/schema.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::state {
namespace {

using test::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

const Moment noon = *parse_moment("2026-11-23T12:00:00Z");

std::filesystem::path file_in(const TempDir& folder) {
  return folder / "state" / "jackind.db";
}

const std::filesystem::path configs = "/nowhere/configs";

std::unique_ptr<Database> opened(const std::filesystem::path& file, const std::filesystem::path& config_dir = configs) {
  auto database = Database::open(file, config_dir);
  if (!database) throw std::runtime_error(database.error().message);
  return *std::move(database);
}

Scope workspace(std::string_view name) {
  return Scope::workspace(name).value();
}

OperationRecord setup_of(const std::string& id, const Scope& scope) {
  OperationRecord record;
  record.id = id;
  record.kind = "setup";
  record.scope = scope;
  record.step = "begun";
  record.detail = "{}";
  record.begun_at = record.changed_at = noon;
  return record;
}

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

TEST(Database, Records_Reopened_EveryFieldKept) {
  const TempDir folder;
  TokenRecord token;
  token.scope = Scope::role("my-app", "ops/deploy").value();
  token.reference = "file:~/x";
  token.fingerprint = *Fingerprint::parse("a3f9c2b81e74");
  token.expires_on = parse_date("2027-11-23");
  token.expiry_estimated = true;
  token.minted_by_us = true;
  token.organization = "org-1";
  token.recorded_at = noon;
  HealthRecord health;
  health.scope = Scope::global();
  health.slot_key = "key";
  health.source = "ok";
  health.upstream = "valid";
  health.detail = "fine";
  health.fingerprint = token.fingerprint;
  health.checked_at = noon;
  health.upstream_at = noon + std::chrono::seconds(1);
  HandoutRecord handout{workspace("my-app"), token.fingerprint, 4711, 0xfedcba9876543210, "docker", noon};
  {
    const auto database = opened(file_in(folder));
    ASSERT_TRUE(database->put_token(token));
    ASSERT_TRUE(database->put_health(health));
    ASSERT_TRUE(database->add_handout(handout));
  }
  const auto database = opened(file_in(folder));
  const auto tokens = database->tokens().value();
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_EQ(tokens[0].scope, token.scope);
  EXPECT_EQ(tokens[0].reference, token.reference);
  EXPECT_EQ(tokens[0].fingerprint, token.fingerprint);
  EXPECT_EQ(tokens[0].expires_on, token.expires_on);
  EXPECT_TRUE(tokens[0].expiry_estimated);
  EXPECT_TRUE(tokens[0].minted_by_us);
  EXPECT_EQ(tokens[0].organization, token.organization);
  EXPECT_EQ(tokens[0].recorded_at, token.recorded_at);
  const auto healths = database->health().value();
  ASSERT_EQ(healths.size(), 1U);
  EXPECT_TRUE(healths[0].scope.is_global());
  EXPECT_EQ(healths[0].slot_key, "key");
  EXPECT_EQ(healths[0].source, "ok");
  EXPECT_EQ(healths[0].upstream, "valid");
  EXPECT_EQ(healths[0].detail, "fine");
  EXPECT_EQ(healths[0].fingerprint, health.fingerprint);
  EXPECT_EQ(healths[0].checked_at, health.checked_at);
  EXPECT_EQ(healths[0].upstream_at, health.upstream_at);
  const auto handouts = database->handouts().value();
  ASSERT_EQ(handouts.size(), 1U);
  EXPECT_EQ(handouts[0].scope, handout.scope);
  EXPECT_EQ(handouts[0].pid, 4711);
  EXPECT_EQ(handouts[0].start_time, handout.start_time);
  EXPECT_EQ(handouts[0].command, "docker");
  EXPECT_EQ(handouts[0].at, noon);
}

TEST(Database, Records_UnknownFields_StayUnknown) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  TokenRecord token;
  token.scope = workspace("my-app");
  token.fingerprint = *Fingerprint::parse("a3f9c2b81e74");
  HealthRecord health;
  health.scope = token.scope;
  ASSERT_TRUE(database->put_token(token));
  ASSERT_TRUE(database->put_health(health));
  EXPECT_FALSE(database->tokens().value().at(0).expires_on);
  EXPECT_FALSE(database->health().value().at(0).fingerprint);
  EXPECT_FALSE(database->health().value().at(0).upstream_at);
}

TEST(Database, Tokens_SameScope_NewestKept) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  TokenRecord token;
  token.scope = workspace("my-app");
  token.fingerprint = *Fingerprint::parse("000000000000");
  ASSERT_TRUE(database->put_token(token));
  token.fingerprint = *Fingerprint::parse("111111111111");
  ASSERT_TRUE(database->put_token(token));
  token.scope = Scope::role("my-app", "deploy").value();
  ASSERT_TRUE(database->put_token(token));
  EXPECT_EQ(database->tokens().value().size(), 2U);
  EXPECT_EQ(database->tokens().value()[0].fingerprint.text(), "111111111111");
}

TEST(Database, Scopes_WorkspaceNamedGlobal_Distinguished) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  for (const auto& scope : {Scope::global(), workspace("global"), workspace("a:b"), Scope::role("a", "b").value()}) {
    HealthRecord record;
    record.scope = scope;
    ASSERT_TRUE(database->put_health(record));
  }
  ASSERT_TRUE(database->erase_health(workspace("global")));
  std::vector<Scope> left;
  const auto records = database->health().value();
  for (const auto& record : records) left.push_back(record.scope);
  EXPECT_THAT(left, ElementsAre(Scope::global(), Scope::role("a", "b").value(), workspace("a:b")));
}

TEST(Database, Erase_RemovesOnlyGivenScope) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  for (const auto* name : {"a", "b"}) {
    TokenRecord token;
    token.scope = workspace(name);
    token.fingerprint = *Fingerprint::parse("000000000000");
    ASSERT_TRUE(database->put_token(token));
  }
  ASSERT_TRUE(database->erase_token(workspace("a")));
  ASSERT_TRUE(database->erase_token(workspace("never-there")));
  EXPECT_EQ(database->tokens().value().size(), 1U);
  for (int hour = 0; hour < 3; ++hour) {
    ASSERT_TRUE(database->add_handout(
        {workspace("a"), *Fingerprint::parse("000000000000"), hour, 0, "claude", noon + std::chrono::hours(hour)}));
  }
  ASSERT_TRUE(database->forget_before(noon + std::chrono::hours(1)));
  EXPECT_EQ(database->handouts().value().size(), 2U);
  EXPECT_EQ(database->handouts().value()[0].pid, 1);
}

TEST(Journal, ForgetBefore_EndedOperationsOnly) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  for (const std::string& outcome : {std::string(), std::string("stuck"), std::string("done"), std::string("failed")}) {
    const std::string id = outcome.empty() ? "open" : outcome;
    OperationRecord record;
    record.id = id;
    record.kind = "setup";
    record.scope = workspace("a");
    record.begun_at = noon;
    ASSERT_TRUE(database->begin_operation(record));
    if (outcome.empty()) continue;
    ASSERT_TRUE(database->end_operation(id, outcome, noon));
  }
  ASSERT_TRUE(database->forget_before(noon));
  EXPECT_EQ(database->steps_of("done").value().size(), 1U);
  ASSERT_TRUE(database->forget_before(noon + std::chrono::seconds(1)));
  for (const char* id : {"done", "failed"}) EXPECT_TRUE(database->steps_of(id).value().empty()) << id;
  for (const char* id : {"open", "stuck"}) EXPECT_EQ(database->steps_of(id).value().size(), 1U) << id;
}

TEST(Journal, Steps_KeptInOrder) {
  const TempDir folder;
  {
    const auto database = opened(file_in(folder));
    ASSERT_TRUE(database->begin_operation(setup_of("one", workspace("my-app"))));
    ASSERT_TRUE(database->enter_step("one", "store", R"({"reference":"file:~/x"})", noon + std::chrono::seconds(1)));
    ASSERT_TRUE(database->enter_step("one", "write_config", "{}", noon + std::chrono::seconds(2)));
  }
  const auto database = opened(file_in(folder));
  EXPECT_THAT(
      database->steps_of("one").value(),
      ElementsAre(Pair("begun", "{}"), Pair("store", R"({"reference":"file:~/x"})"), Pair("write_config", "{}")));
  const auto unfinished = database->unfinished_operations().value();
  ASSERT_EQ(unfinished.size(), 1U);
  EXPECT_EQ(unfinished[0].kind, "setup");
  EXPECT_EQ(unfinished[0].scope, workspace("my-app"));
  EXPECT_EQ(unfinished[0].step, "write_config");
  EXPECT_EQ(unfinished[0].begun_at, noon);
  EXPECT_EQ(unfinished[0].changed_at, noon + std::chrono::seconds(2));
}

TEST(Journal, UnfinishedOperations_OpenAndStuck_OldestFirst) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  for (const auto* id : {"open", "done", "stuck", "undone", "failed", "kept"}) {
    auto record = setup_of(id, workspace(id));
    if (std::string_view(id) == "stuck") record.begun_at -= std::chrono::hours(1);
    ASSERT_TRUE(database->begin_operation(record));
    if (std::string_view(id) != "open") {
      ASSERT_TRUE(database->end_operation(id, id, noon));
    }
  }
  std::vector<std::string> ids;
  const auto records = database->unfinished_operations().value();
  for (const auto& record : records) ids.push_back(record.id);
  EXPECT_THAT(ids, ElementsAre("stuck", "open", "kept"));
}

TEST(Journal, EnterStep_UnknownOperation_Rejected) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  EXPECT_EQ(database->enter_step("nobody", "store", "{}", noon).error().reason, Reason::internal);
  EXPECT_EQ(database->end_operation("nobody", "done", noon).error().reason, Reason::internal);
}

// A second connection corresponds to a daemon after a crash: it sees only what has reached the file.
TEST(Journal, CallReturns_StepIsInFile) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  ASSERT_TRUE(database->begin_operation(setup_of("one", workspace("my-app"))));
  ASSERT_TRUE(database->enter_step("one", "store", "{}", noon));
  SQLite::Database other(file_in(folder).string(), SQLite::OPEN_READONLY);
  EXPECT_EQ(other.execAndGet("SELECT step FROM operation WHERE id = 'one'").getString(), "store");
}

TEST(Database, Files_ArePrivate) {
  const TempDir folder;
  const mode_t before = ::umask(0);
  {
    const auto database = opened(file_in(folder));
    ASSERT_TRUE(database->begin_operation(setup_of("one", workspace("my-app"))));
    ::umask(before);
    for (const auto& entry : std::filesystem::directory_iterator(folder / "state")) {
      EXPECT_EQ(mode_of(entry.path()), 0600U) << entry.path();
    }
    EXPECT_EQ(mode_of(folder / "state"), 0700U);
  }
}

TEST(Database, ExistingFile_ModeTightened) {
  const TempDir folder;
  opened(file_in(folder)).reset();
  ASSERT_EQ(::chmod(file_in(folder).c_str(), 0644), 0);
  opened(file_in(folder)).reset();
  EXPECT_EQ(mode_of(file_in(folder)), 0600U);
}

TEST(Database, Link_Rejected) {
  const TempDir folder;
  opened(folder / "elsewhere" / "jackind.db").reset();
  std::filesystem::create_directory(folder / "state");
  ASSERT_EQ(::chmod((folder / "state").c_str(), 0700), 0);
  std::filesystem::create_symlink(folder / "elsewhere" / "jackind.db", file_in(folder));
  EXPECT_FALSE(Database::open(file_in(folder), configs));
}

TEST(Database, LinkedHomeFolder_Opens) {
  const TempDir folder;
  std::filesystem::create_directory(folder / "var");
  std::filesystem::create_directory_symlink(folder / "var", folder / "home");
  {
    const auto database = opened(folder / "home" / "me" / "state" / "jackind.db");
    ASSERT_TRUE(database->begin_operation(setup_of("one", workspace("my-app"))));
  }
  EXPECT_EQ(opened(folder / "var" / "me" / "state" / "jackind.db")->unfinished_operations()->size(), 1U);
  // A link in place of the folder itself is still rejected.
  std::filesystem::create_directory_symlink(folder / "var" / "me" / "state", folder / "state");
  EXPECT_FALSE(Database::open(file_in(folder), configs));
}

TEST(Database, RemovedWhileOpen_WrittenAgain) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  ASSERT_TRUE(database->begin_operation(setup_of("one", workspace("my-app"))));
  EXPECT_EQ(database->times_put_back(), 0);
  std::filesystem::remove_all(folder / "state");
  ASSERT_TRUE(database->keep_in_place());
  EXPECT_EQ(database->times_put_back(), 1);
  EXPECT_EQ(opened(file_in(folder))->unfinished_operations()->size(), 1U);
  std::filesystem::remove_all(folder / "state");
  ASSERT_TRUE(database->begin_operation(setup_of("two", workspace("other"))));
  EXPECT_EQ(database->times_put_back(), 2);
  EXPECT_EQ(mode_of(folder / "state"), 0700U);
  EXPECT_EQ(mode_of(file_in(folder)), 0600U);
  EXPECT_EQ(opened(file_in(folder))->unfinished_operations()->size(), 2U);
  ASSERT_TRUE(database->begin_operation(setup_of("three", workspace("third"))));
  EXPECT_EQ(opened(file_in(folder))->unfinished_operations()->size(), 3U);
}

TEST(Database, HomeFolderMissing_NotWrittenAgain) {
  const TempDir folder;
  const auto home = folder / "home";
  const auto file = home / "state" / "jackind.db";
  EXPECT_FALSE(Database::open(file, configs, home));
  EXPECT_FALSE(std::filesystem::exists(home));
  std::filesystem::create_directory(home);
  const auto database = Database::open(file, configs, home);
  ASSERT_TRUE(database);
  ASSERT_TRUE((*database)->begin_operation(setup_of("one", workspace("my-app"))));
  std::filesystem::remove_all(home);
  const auto written = (*database)->begin_operation(setup_of("two", workspace("other")));
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("the home folder " + home.string() + " is not there"));
  EXPECT_FALSE(std::filesystem::exists(home));
  std::filesystem::create_directory(home);
  EXPECT_TRUE((*database)->begin_operation(setup_of("two", workspace("other"))));
  EXPECT_EQ(opened(file)->unfinished_operations()->size(), 2U);
}

TEST(Database, ReplacedWhileOpen_OtherFileUntouched) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  std::filesystem::rename(folder / "state", folder / "away");
  std::filesystem::create_directory(folder / "state");
  test::write_file(file_in(folder), "another");
  const auto written = database->begin_operation(setup_of("one", workspace("my-app")));
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("another file has taken the place"));
  EXPECT_EQ(written.error().remedy, "jackinctl daemon restart");
  EXPECT_EQ(test::read_file(file_in(folder)), "another");
}

TEST(MovedDatabase, OldDatabase_MovedOnceWithContent) {
  const TempDir folder;
  const auto old = folder / "old" / "jackind.db";
  EXPECT_FALSE(move_database(old, file_in(folder)).value());
  {
    const auto database = opened(old);
    ASSERT_TRUE(database->begin_operation(setup_of("one", workspace("my-app"))));
    // The old daemon was killed: the log beside the file has every change.
    std::filesystem::copy(folder / "old", folder / "killed");
  }
  const auto killed = folder / "killed" / "jackind.db";
  ASSERT_TRUE(std::filesystem::exists(killed.string() + "-wal"));
  // The rest of an interrupted move.
  std::filesystem::create_directory(folder / "state");
  ASSERT_EQ(::chmod((folder / "state").c_str(), 0700), 0);
  test::write_file(folder / "state" / ".jackind.db.copy", "half of it");
  EXPECT_TRUE(move_database(killed, file_in(folder)).value());
  EXPECT_FALSE(std::filesystem::exists(killed));
  EXPECT_EQ(mode_of(file_in(folder)), 0600U);
  EXPECT_EQ(opened(file_in(folder))->unfinished_operations()->size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(folder / "state" / ".jackind.db.copy"));
  // A second old database that appears later is not merged.
  EXPECT_FALSE(move_database(old, file_in(folder)).value());
  EXPECT_TRUE(std::filesystem::exists(old));
}

TEST(Database, NewerSchema_RejectedAndUnchanged) {
  const TempDir folder;
  opened(file_in(folder)).reset();
  {
    SQLite::Database raw(file_in(folder).string(), SQLite::OPEN_READWRITE);
    raw.exec("PRAGMA journal_mode = DELETE");
    raw.exec("PRAGMA user_version = " + std::to_string(newest_schema() + 1));
  }
  const std::string before = test::read_file(file_in(folder));
  const auto database = Database::open(file_in(folder), configs);
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().reason, Reason::unsupported);
  EXPECT_THAT(database.error().message, HasSubstr("newer jackind"));
  EXPECT_EQ(test::read_file(file_in(folder)), before);
}

TEST(Database, DamagedFile_ErrorNamesFileAndRemedy) {
  const TempDir folder;
  opened(file_in(folder)).reset();
  test::write_file(file_in(folder), std::string(8192, 'x'));
  const auto database = Database::open(file_in(folder), configs);
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().reason, Reason::io_failed);
  EXPECT_THAT(database.error().message, HasSubstr("is damaged"));
  EXPECT_THAT(database.error().message, HasSubstr(file_in(folder).string()));
  EXPECT_THAT(database.error().remedy, HasSubstr("mv " + file_in(folder).string()));
}

TEST(Database, DamageInsideFile_Detected) {
  const TempDir folder;
  {
    const auto database = opened(file_in(folder));
    for (int i = 0; i < 200; ++i) {
      ASSERT_TRUE(database->begin_operation(setup_of("operation-" + std::to_string(i), workspace("my-app"))));
    }
  }
  const auto size = std::filesystem::file_size(file_in(folder));
  ASSERT_GT(size, 16384U);
  std::fstream out(file_in(folder), std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(4096);
  out << std::string(size - 4096, '\x5a');
  out.close();
  const auto database = Database::open(file_in(folder), configs);
  ASSERT_FALSE(database);
  EXPECT_THAT(database.error().message, HasSubstr("is damaged"));
}

TEST(Database, ForeignRow_Ignored) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  SQLite::Database raw(file_in(folder).string(), SQLite::OPEN_READWRITE);
  raw.exec("INSERT INTO token VALUES ('/nowhere/configs', 'a', '', 'r', 'no fingerprint', NULL, 0, 0, '', 0)");
  raw.exec("INSERT INTO token VALUES ('/nowhere/configs', 'b/c', '', 'r', 'a3f9c2b81e74', NULL, 0, 0, '', 0)");
  raw.exec("INSERT INTO token VALUES ('/nowhere/configs', 'd', '', 'r', 'a3f9c2b81e74', NULL, 0, 0, '', 0)");
  for (const std::string beyond : {"4611686018427387904", "-1", "2932897"}) {
    raw.exec("INSERT OR REPLACE INTO token VALUES ('/nowhere/configs', 'e', '', 'r', 'a3f9c2b81e74', " + beyond +
             ", 0, 0, '', 0)");
    raw.exec("INSERT OR REPLACE INTO health VALUES ('/nowhere/configs', 'e', '', 'k', 'ok', '', '', NULL, 0, NULL, " +
             beyond + ")");
    EXPECT_TRUE(database->health()->empty()) << beyond;
    EXPECT_EQ(database->tokens()->size(), 1U) << beyond;
  }
  for (const std::string beyond : {"9223372036854775807", "-9223372036854775808", "253402300800"}) {
    raw.exec("INSERT OR REPLACE INTO health VALUES ('/nowhere/configs', 'e', '', 'k', 'ok', '', '', NULL, " + beyond +
             ", NULL, NULL)");
    EXPECT_TRUE(database->health()->empty()) << beyond;
    raw.exec("INSERT OR REPLACE INTO health VALUES ('/nowhere/configs', 'e', '', 'k', 'ok', '', '', NULL, 0, " +
             beyond + ", NULL)");
    EXPECT_TRUE(database->health()->empty()) << beyond;
  }
  const auto tokens = database->tokens().value();
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_EQ(tokens[0].scope, workspace("d"));
}

TEST(Database, Notified_Reopened_KeptWithFirstTime) {
  const TempDir folder;
  const NotifiedRecord week{*Fingerprint::parse("a3f9c2b81e74"), "7_days", noon};
  const NotifiedRecord month{*Fingerprint::parse("a3f9c2b81e74"), "30_days", noon};
  const NotifiedRecord other{*Fingerprint::parse("000000000000"), "7_days", noon};
  ASSERT_TRUE(opened(file_in(folder))->mark_notified({week, month}));
  const auto database = opened(file_in(folder));
  ASSERT_TRUE(database->mark_notified({{week.fingerprint, week.event, noon + std::chrono::hours(1)}, other}));
  EXPECT_THAT(database->notified().value(), ElementsAre(week, month, other));
}

TEST(Database, Notified_OverLimit_OldestForgotten) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  const auto fingerprint = *Fingerprint::parse("a3f9c2b81e74");
  std::vector<NotifiedRecord> records;
  for (int i = 0; i < notified_limit + 3; ++i) records.push_back({fingerprint, std::to_string(i), noon});
  ASSERT_TRUE(database->mark_notified(records));
  const auto told = database->notified().value();
  ASSERT_EQ(told.size(), static_cast<std::size_t>(notified_limit));
  EXPECT_EQ(told.front(), records[3]);
  EXPECT_EQ(told.back(), records.back());
}

TEST(Database, EarlierSchemas_Migrated) {
  const auto fingerprint = *Fingerprint::parse("a3f9c2b81e74");
  for (int version = 1; version < newest_schema(); ++version) {
    const TempDir folder;
    std::filesystem::create_directory(folder / "state");
    ASSERT_EQ(::chmod((folder / "state").c_str(), 0700), 0);
    {
      SQLite::Database raw(file_in(folder).string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
      migrate(raw, version);
      raw.exec(
          "INSERT INTO token (workspace, role, reference, fingerprint, expiry_estimated, minted_by_us, organization, "
          "recorded_at) VALUES ('my-app', '', 'r', 'a3f9c2b81e74', 0, 0, '', 0)");
    }
    const auto database = opened(file_in(folder));
    ASSERT_EQ(database->tokens().value().size(), 1U) << version;
    EXPECT_EQ(database->tokens().value()[0].fingerprint, fingerprint);
    HealthRecord health;
    health.scope = workspace("my-app");
    EXPECT_TRUE(database->put_health(health)) << version;
    EXPECT_TRUE(database->mark_notified({{fingerprint, "7_days", noon}})) << version;
  }
}

TEST(Database, EarlierCommandReferences_Hidden) {
  const TempDir folder;
  std::filesystem::create_directory(folder / "state");
  ASSERT_EQ(::chmod((folder / "state").c_str(), 0700), 0);
  const std::string reference = "command:curl -H 'X-Token: hunter2'";
  JournalDetail detail;
  detail.reference = reference;
  detail.old_reference = "file:~/t";
  JournalDetail revocation;
  revocation.old_reference = reference;
  {
    SQLite::Database raw(file_in(folder).string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    migrate(raw, 3);
    SQLite::Statement token(raw, "INSERT INTO token VALUES ('my-app', '', ?, 'a3f9c2b81e74', NULL, 0, 0, '', 0)");
    token.bind(1, reference);
    token.exec();
    for (const auto& [id, json] : {std::pair("a", to_json(detail)), std::pair("b", to_json(revocation)),
                                   std::pair("c", std::string("no json: hunter"))}) {
      SQLite::Statement operation(raw, "INSERT INTO operation VALUES (?, 'setup', 'my-app', '', 'wire', ?, '', 0, 0)");
      operation.bind(1, id);
      operation.bind(2, json);
      operation.exec();
      SQLite::Statement step(raw, "INSERT INTO step VALUES (?, 1, 'wire', ?, 0)");
      step.bind(1, id);
      step.bind(2, json);
      step.exec();
    }
    // Deleted rows stay in the file's free space.
    raw.exec("INSERT INTO told (fingerprint, event, at) VALUES ('x', 'hunter2', 0); DELETE FROM told");
  }
  const auto database = opened(file_in(folder));
  const std::string record = recorded_reference(reference);
  EXPECT_EQ(database->tokens().value().at(0).reference, record);
  const auto open = database->unfinished_operations().value();
  ASSERT_EQ(open.size(), 3U);
  EXPECT_EQ(journal_detail_from(open[0].detail)->reference, record);
  EXPECT_EQ(journal_detail_from(open[0].detail)->old_reference, "file:~/t");
  EXPECT_EQ(journal_detail_from(open[1].detail)->old_reference, record);
  EXPECT_EQ(journal_detail_from(database->steps_of("a").value().at(0).second)->reference, record);
  for (const auto& entry : std::filesystem::directory_iterator(folder / "state")) {
    EXPECT_EQ(test::read_file(entry.path()).find("hunter2"), std::string::npos) << entry.path();
  }
}

// A file that may not grow simulates a full disk: SQLite sees a failed write in both cases.
class WithoutSpace {
 public:
  explicit WithoutSpace(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~WithoutSpace() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

TEST(Database, DiskFull_ReportedAndWorksAgainLater) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  ASSERT_TRUE(database->begin_operation(setup_of("before", workspace("my-app"))));
  {
    const WithoutSpace full(4096);
    const auto begun = database->begin_operation(setup_of("during", workspace("my-app")));
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().reason, Reason::disk_full) << begun.error().message;
  }
  ASSERT_TRUE(database->begin_operation(setup_of("after", workspace("my-app"))));
  std::vector<std::string> ids;
  const auto records = database->unfinished_operations().value();
  for (const auto& record : records) ids.push_back(record.id);
  EXPECT_THAT(ids, ElementsAre("before", "after"));
}

TEST(Database, DiskFull_HandoutCountedAndWrittenLater) {
  const TempDir folder;
  HandoutRecord handout;
  handout.scope = workspace("my-app");
  handout.fingerprint = Fingerprint::parse("a3f9c2b81e74").value();
  handout.pid = 4711;
  handout.at = noon;
  {
    const auto database = opened(file_in(folder));
    {
      const WithoutSpace full(4096);
      EXPECT_EQ(database->add_handout(handout).error().reason, Reason::disk_full);
      ASSERT_EQ(database->handouts().value().size(), 1U);
      EXPECT_EQ(database->handouts().value().front().pid, 4711);
      EXPECT_FALSE(database->write_pending_handouts());
    }
    EXPECT_TRUE(database->write_pending_handouts());
    EXPECT_EQ(database->handouts().value().size(), 1U);
    const WithoutSpace full(4096);
    handout.pid = 4712;
    EXPECT_FALSE(database->add_handout(handout));
    EXPECT_EQ(database->handouts().value().size(), 2U);
  }
  // The disk had space again when the database was closed.
  EXPECT_EQ(opened(file_in(folder))->handouts().value().size(), 2U);
}

TEST(Database, Remaining_KeptUntilDeleted) {
  const TempDir folder;
  const RemainingItem web{workspace("web"),
                          "op://v/i/f",
                          "work",
                          "op",
                          "1Password V/I/F",
                          Fingerprint::parse("a3f9c2b81e74").value(),
                          noon};
  RemainingItem api = web;
  api.scope = workspace("api");
  RemainingItem other = web;
  other.account = "private";
  other.fingerprint.reset();
  other.revoked_at = noon + std::chrono::hours(1);
  ASSERT_TRUE(opened(file_in(folder))->put_remaining({web, api, other}));
  const auto database = opened(file_in(folder));
  EXPECT_THAT(database->remaining().value(), ElementsAre(web, api, other));
  ASSERT_TRUE(database->put_remaining({web}));
  EXPECT_EQ(database->remaining().value().size(), 3U);
  ASSERT_TRUE(database->erase_remaining("op://v/i/f", "work"));
  EXPECT_THAT(database->remaining().value(), ElementsAre(other));
  ASSERT_TRUE(database->forget_before(noon + std::chrono::hours(2)));
  EXPECT_TRUE(database->remaining().value().empty());
}

TEST(Database, Records_SeparateByConfigurationFolder) {
  const TempDir folder;
  const auto first = opened(file_in(folder), "/configs/a");
  const auto second = opened(file_in(folder), "/configs/b");
  TokenRecord token;
  token.scope = workspace("demo");
  token.reference = "file:~/a";
  token.fingerprint = *Fingerprint::parse("a3f9c2b81e74");
  token.recorded_at = noon;
  HealthRecord health;
  health.scope = token.scope;
  health.slot_key = "a";
  health.checked_at = noon;
  const HandoutRecord handout{token.scope, token.fingerprint, 1, 2, "claude", noon};
  const RemainingItem item{token.scope, "file:~/old", "", "file", "file  ~/old", std::nullopt, noon};
  const auto record = [&](Database& database) {
    ASSERT_TRUE(database.put_token(token));
    ASSERT_TRUE(database.put_health(health));
    ASSERT_TRUE(database.add_handout(handout));
    ASSERT_TRUE(database.put_remaining({item}));
  };
  record(*first);
  EXPECT_TRUE(second->tokens().value().empty());
  EXPECT_TRUE(second->health().value().empty());
  EXPECT_TRUE(second->remaining().value().empty());
  EXPECT_TRUE(second->handouts().value().at(0).elsewhere);
  EXPECT_FALSE(first->handouts().value().at(0).elsewhere);
  token.reference = "file:~/b";
  record(*second);
  EXPECT_EQ(first->tokens().value().at(0).reference, "file:~/a");
  EXPECT_EQ(second->tokens().value().at(0).reference, "file:~/b");
  ASSERT_TRUE(second->erase_token(token.scope));
  ASSERT_TRUE(second->erase_health(token.scope));
  EXPECT_EQ(first->tokens().value().size(), 1U);
  EXPECT_EQ(first->health().value().size(), 1U);
  // A deleted item is a remaining item of no scope.
  ASSERT_TRUE(second->erase_remaining("file:~/old", ""));
  EXPECT_TRUE(first->remaining().value().empty());
}

TEST(Database, OtherFolders_Recorded) {
  const TempDir folder;
  std::filesystem::create_directories(folder / "a");
  std::filesystem::create_directory_symlink(folder / "a", folder / "b");
  { const auto first = opened(file_in(folder), folder / "a"); }
  const auto linked = opened(file_in(folder), folder / "b");
  EXPECT_TRUE(linked->other_folders().value().empty());
  const auto third = opened(file_in(folder), folder / "c");
  EXPECT_THAT(third->other_folders().value(), ElementsAre(std::filesystem::canonical(folder / "a").string()));
  // The configuration in use stays, independent of the clock.
  ASSERT_TRUE(linked->forget_before(Moment::max()));
  EXPECT_TRUE(linked->other_folders().value().empty());
  EXPECT_EQ(third->other_folders().value().size(), 1U);
}

TEST(Database, EarlierRecords_CountForEachConfigurationFolder) {
  const TempDir folder;
  std::filesystem::create_directory(folder / "state");
  ASSERT_EQ(::chmod((folder / "state").c_str(), 0700), 0);
  {
    SQLite::Database raw(file_in(folder).string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    migrate(raw, 5);
    raw.exec("INSERT INTO token VALUES ('demo', '', 'file:~/t', 'a3f9c2b81e74', NULL, 0, 1, '', 0)");
    raw.exec("INSERT INTO remaining VALUES ('old', '', 'file:~/o', '', 'file', 'file  ~/o', NULL, 0)");
    raw.exec(
        "INSERT INTO operation VALUES ('a', 'setup', 'demo', '', 'wire', '{\"config_folder\":\"/configs/a\"}', "
        "'done', 0, 0)");
    raw.exec("INSERT INTO operation VALUES ('b', 'setup', 'demo', '', 'wire', 'no json', 'done', 0, 0)");
  }
  const auto first = opened(file_in(folder), "/configs/b");
  EXPECT_THAT(first->other_folders().value(), ElementsAre("/configs/a"));
  const auto second = opened(file_in(folder), "/configs/a");
  for (auto* const database : {first.get(), second.get()}) {
    ASSERT_EQ(database->tokens().value().size(), 1U);
    EXPECT_TRUE(database->tokens().value()[0].minted_by_us);
    EXPECT_EQ(database->remaining().value().size(), 1U);
  }
  // A record of this configuration replaces the earlier one of that source.
  auto token = first->tokens().value().at(0);
  ASSERT_TRUE(first->put_token(token));
  EXPECT_TRUE(second->tokens().value().empty());
  EXPECT_EQ(first->tokens().value().size(), 1U);
}

TEST(Database, Discarded_KeptUntilAcknowledged) {
  const TempDir folder;
  DiscardedToken token{*Fingerprint::parse("a3f9c2b81e74"), "rotate", workspace("demo"), parse_date("2027-11-23"),
                       noon};
  const auto first = opened(file_in(folder), "/configs/a");
  ASSERT_TRUE(first->put_discarded(token));
  ASSERT_TRUE(first->put_discarded(token));
  // A token that was never listed cannot be acknowledged.
  ASSERT_TRUE(first->forget_discarded());
  EXPECT_THAT(first->discarded().value(), ElementsAre(token));
  const auto second = opened(file_in(folder), "/configs/b");
  EXPECT_EQ(second->discarded().value().at(0).config_folder, "/configs/a");
  ASSERT_TRUE(second->forget_discarded());
  EXPECT_TRUE(first->discarded().value().empty());
}

TEST(Database, ManyThreads_AllCallsRecorded) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const std::string id = std::to_string(t) + "-" + std::to_string(i);
        EXPECT_TRUE(database->begin_operation(setup_of(id, workspace(id))));
        EXPECT_TRUE(database->enter_step(id, "store", "{}", noon));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(database->unfinished_operations().value().size(), 40U);
}

}  // namespace
}  // namespace jackin::state
