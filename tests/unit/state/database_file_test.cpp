// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <stdlib.h>

#include <atomic>
#include <future>
#include <list>
#include <map>
#include <string>

#include "common/remedy_command.hpp"
#include "tests/unit/state/database_fixture.hpp"

#ifdef __linux__
namespace {

// The folder whose look-up hangs until `returns`, as on a mount whose server does not answer. The thread outlives the
// test.
struct HangingFolder {
  std::string path;
  std::shared_future<void> returns;
};
std::atomic<const HangingFolder*> hanging_folder = nullptr;

}  // namespace

// Takes precedence over the C library's function, which std::filesystem calls.
extern "C" char* realpath(const char* path, char* resolved) noexcept {
  const HangingFolder* const hanging = hanging_folder;
  if (hanging != nullptr && path == hanging->path) hanging->returns.wait();
  static const auto system = reinterpret_cast<char* (*)(const char*, char*)>(dlsym(RTLD_NEXT, "realpath"));
  return system(path, resolved);
}
#endif

namespace jackin::state {
namespace {

using test::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;

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

TEST(Database, ConfigurationFolderUnresolved_OnlyKnownNameOpens) {
  const test::TempDir folder;
  const auto known = folder / "known";
  const auto unknown = folder / "unknown";
  std::filesystem::create_directory(known);
  std::filesystem::create_directory_symlink("known", unknown);
  TokenRecord record;
  record.scope = workspace("w");
  record.reference = "file:/t";
  record.fingerprint = *Fingerprint::parse("0123456789ab");
  ASSERT_TRUE(opened(file_in(folder), known)->put_token(record));
  EXPECT_THAT(opened(file_in(folder), unknown)->tokens().value(), testing::SizeIs(1));
  std::filesystem::remove(known);
  std::filesystem::remove(unknown);
  std::filesystem::create_symlink("known", known);
  std::filesystem::create_symlink("unknown", unknown);
  EXPECT_THAT(opened(file_in(folder), known)->tokens().value(), testing::SizeIs(1));
  const auto refused = Database::open(file_in(folder), unknown);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::config_unreadable);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("the configuration folder '" + unknown.string() + "'"));
}

#ifdef __linux__
TEST(Database, ConfigurationFolderHangs_OnlyKnownNameOpens) {
  constexpr std::chrono::milliseconds brief{1};
  const test::TempDir folder;
  const auto known = folder / "known";
  const auto unknown = folder / "unknown";
  std::filesystem::create_directory(known);
  std::filesystem::create_directory(unknown);
  opened(file_in(folder), known).reset();
  std::promise<void> returns;
  const std::shared_future<void> until = returns.get_future().share();
  // Not destroyed: the threads that hang read them. Reachable, so that LeakSanitizer reports no leak.
  static auto& folders = *new std::list<HangingFolder>;
  for (const auto& [path, is_known] : std::map<std::filesystem::path, bool>{{known, true}, {unknown, false}}) {
    hanging_folder = &folders.emplace_back(HangingFolder{path.string(), until});
    const auto database = Database::open(file_in(folder), path, {}, brief);
    ASSERT_EQ(database.has_value(), is_known) << path;
    if (!is_known) {
      EXPECT_EQ(database.error().reason, Reason::config_unreadable);
    }
  }
  hanging_folder = nullptr;
  returns.set_value();
}
#endif

TEST(Database, RecordsUnderUnresolvedName_Adopted) {
  const test::TempDir folder;
  const auto real = folder / "real";
  const auto link = folder / "link";
  std::filesystem::create_directories(real);
  std::filesystem::create_directories(link);
  TokenRecord record;
  record.scope = workspace("w");
  record.reference = "file:/t";
  record.fingerprint = *Fingerprint::parse("0123456789ab");
  ASSERT_TRUE(opened(file_in(folder), link)->put_token(record));
  std::filesystem::remove(link);
  std::filesystem::create_directory_symlink("real", link);
  const auto database = opened(file_in(folder), link);
  EXPECT_THAT(database->tokens().value(), testing::SizeIs(1));
  EXPECT_THAT(database->other_folders().value(), testing::IsEmpty());
}

TEST(Database, RecordsUnderBothNames_LaterOnesStay) {
  const test::TempDir folder;
  const auto real = folder / "real";
  const auto link = folder / "link";
  std::filesystem::create_directories(real);
  std::filesystem::create_directories(link);
  const auto put = [&](const std::filesystem::path& config_dir, std::string_view name, Moment at) {
    const auto database = opened(file_in(folder), config_dir);
    TokenRecord token;
    token.scope = workspace(name);
    token.reference = "file:" + config_dir.filename().string();
    token.fingerprint = *Fingerprint::parse("0123456789ab");
    token.recorded_at = at;
    ASSERT_TRUE(database->put_token(token));
    HealthRecord health;
    health.scope = workspace(name);
    health.slot_key = config_dir.filename().string();
    health.checked_at = at;
    ASSERT_TRUE(database->put_health(health));
  };
  const Moment later = noon + std::chrono::hours(1);
  put(link, "a", later);
  put(real, "a", noon);
  put(link, "b", noon);
  put(real, "b", later);
  put(link, "c", noon);
  put(real, "c", noon);
  std::filesystem::remove(link);
  std::filesystem::create_directory_symlink("real", link);
  {
    const auto database = opened(file_in(folder), link);
    const auto tokens = database->tokens().value();
    ASSERT_THAT(tokens, testing::SizeIs(3));
    EXPECT_EQ(tokens[0].reference, "file:link");
    EXPECT_EQ(tokens[1].reference, "file:real");
    EXPECT_EQ(tokens[2].reference, "file:real");
    std::map<std::string, std::string> checked;
    const auto health = database->health().value();
    for (const HealthRecord& one : health) checked[one.scope.str()] = one.slot_key;
    EXPECT_THAT(checked, testing::ElementsAre(testing::Pair("a", "link"), testing::Pair("b", "real"),
                                              testing::Pair("c", "real")));
  }
  // No record is left under the other name.
  std::filesystem::remove(link);
  std::filesystem::create_directories(link);
  const auto database = opened(file_in(folder), link);
  EXPECT_THAT(database->tokens().value(), testing::IsEmpty());
  EXPECT_THAT(database->health().value(), testing::IsEmpty());
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
  EXPECT_THAT(written.error().message, HasSubstr("the home folder " + home.string() + " does not exist"));
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
  EXPECT_THAT(written.error().message, HasSubstr("another file replaced"));
  EXPECT_EQ(command_line(written.error().remedy), "jackinctl daemon restart");
  EXPECT_EQ(test::read_file(file_in(folder)), "another");
}

TEST(MovedDatabase, OldDatabase_MovedOnceWithContent) {
  const TempDir folder;
  const auto old = folder / "old" / "jackind.db";
  EXPECT_EQ(move_database(old, file_in(folder)).value(), Moved::nothing);
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
  EXPECT_EQ(move_database(killed, file_in(folder)).value(), Moved::whole);
  EXPECT_FALSE(std::filesystem::exists(killed));
  EXPECT_EQ(mode_of(file_in(folder)), 0600U);
  EXPECT_EQ(opened(file_in(folder))->unfinished_operations()->size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(folder / "state" / ".jackind.db.copy"));
  // A second old database that appears later is not merged.
  EXPECT_EQ(move_database(old, file_in(folder)).value(), Moved::nothing);
  EXPECT_TRUE(std::filesystem::exists(old));
}

// The disk of ~/.jackin was not mounted at the first start.
TEST(MovedDatabase, OldDatabaseUnavailable_AddedLater) {
  namespace fs = std::filesystem;
  const TempDir folder;
  const auto old = folder / "jackin" / "state" / "jackind.db";
  const auto token = [](const std::string& name, char letter) {
    TokenRecord record;
    record.scope = workspace(name);
    record.reference = "os-store:jackin/" + name;
    record.fingerprint = Digest::of(std::string(1, letter)).fingerprint();
    record.recorded_at = noon;
    return record;
  };
  {
    const auto database = opened(folder / "disk" / "state" / "jackind.db");
    ASSERT_TRUE(database->begin_operation(setup_of("one", workspace("my-app"))));
    ASSERT_TRUE(database->put_token(token("my-app", 'o')));
    ASSERT_TRUE(database->put_token(token("other", 'o')));
    ASSERT_TRUE(database->add_handout({workspace("my-app"), Digest::of("o").fingerprint(), 1, 2, "claude", noon}));
  }
  fs::create_directory_symlink(folder / "mount", folder / "jackin");
  const auto away = move_database(old, file_in(folder));
  ASSERT_FALSE(away);
  EXPECT_THAT(away.error().message, HasSubstr("is a link to"));
  EXPECT_FALSE(unavailable_reason(file_in(folder)));
  ASSERT_TRUE(mark_unavailable(file_in(folder), away.error()));
  EXPECT_EQ(unavailable_reason(file_in(folder)), away.error().message);
  ASSERT_TRUE(opened(file_in(folder))->put_token(token("other", 'n')));

  fs::rename(folder / "disk", folder / "mount");
  EXPECT_EQ(move_database(old, file_in(folder)).value(), Moved::merged);
  EXPECT_FALSE(unavailable_reason(file_in(folder)));
  EXPECT_FALSE(fs::exists(old));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder / "state"), fs::directory_iterator()), 1) << "no copy is left";
  const auto database = opened(file_in(folder));
  EXPECT_EQ(database->unfinished_operations()->size(), 1U);
  EXPECT_EQ(database->handouts()->size(), 1U);
  const auto tokens = database->tokens();
  ASSERT_EQ(tokens->size(), 2U);
  for (const auto& one : *tokens) {
    const bool is_new = one.scope == workspace("other");
    EXPECT_EQ(one.fingerprint, Digest::of(is_new ? "n" : "o").fingerprint()) << one.scope.str();
  }
}

TEST(MovedDatabase, OldDatabaseDeleted_MarkRemoved) {
  const TempDir folder;
  const auto old = folder / "old" / "jackind.db";
  ASSERT_TRUE(mark_unavailable(file_in(folder), {Reason::io_failed, "away", {}}));
  EXPECT_EQ(move_database(old, file_in(folder)).value(), Moved::nothing);
  EXPECT_FALSE(unavailable_reason(file_in(folder)));
  // Once a database exists, its start has already moved the earlier one, if any.
  opened(file_in(folder)).reset();
  ASSERT_TRUE(mark_unavailable(file_in(folder), {Reason::io_failed, "away", {}}));
  EXPECT_FALSE(unavailable_reason(file_in(folder)));
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
  EXPECT_THAT(command_line(database.error().remedy), HasSubstr("mv " + file_in(folder).string()));
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

TEST(Database, Open_StepCalledWire_ReadAsWriteConfig) {
  const test::TempDir folder;
  std::filesystem::create_directory(folder / "state");
  ASSERT_EQ(::chmod((folder / "state").c_str(), 0700), 0);
  {
    SQLite::Database raw(file_in(folder).string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    migrate(raw, 6);
    raw.exec("INSERT INTO operation VALUES ('a', 'setup', 'demo', '', 'wire', '{\"expiry_told\":true}', '', 0, 0)");
    raw.exec("INSERT INTO operation VALUES ('b', 'setup', 'demo', '', 'wire', 'no json', 'stuck', 0, 0)");
    raw.exec("INSERT INTO step VALUES ('a', 1, 'wire', '{\"expiry_told\":true}', 0)");
  }
  const auto database = opened(file_in(folder));
  const auto open = database->unfinished_operations().value();
  ASSERT_EQ(open.size(), 2U);
  EXPECT_EQ(open[0].step, Step::write_config);
  EXPECT_TRUE(journal_detail_from(open[0].detail)->expiry_known);
  EXPECT_EQ(open[1].step, Step::write_config);
  EXPECT_EQ(open[1].detail, "no json");
  EXPECT_EQ(database->steps_of("a").value().at(0).first, Step::write_config);
}

TEST(Database, UnknownWord_ReadAsNothing) {
  const test::TempDir folder;
  const auto database = opened(file_in(folder));
  ASSERT_TRUE(database->begin_operation(setup_of("one", workspace("my-app"))));
  HealthRecord health;
  health.scope = workspace("my-app");
  ASSERT_TRUE(database->put_health(health));
  ASSERT_TRUE(database->add_history({"key", Verdict::ok, "it is well", noon}));
  ASSERT_TRUE(database->mark_notified({{*Fingerprint::parse("a3f9c2b81e74"), TokenNews::expired, noon}}));
  SQLite::Database raw(file_in(folder).string(), SQLite::OPEN_READWRITE);
  raw.exec("UPDATE operation SET kind = 'transmute', step = 'dissolve'");
  raw.exec("UPDATE health SET source = 'asleep'");
  raw.exec("UPDATE history SET verdict = 'curious'");
  raw.exec("UPDATE told SET event = '3_days'");
  const auto open = database->unfinished_operations().value();
  ASSERT_EQ(open.size(), 1U);
  EXPECT_FALSE(open[0].kind);
  EXPECT_FALSE(open[0].step);
  EXPECT_EQ(name_of(open[0].kind), "operation");
  EXPECT_TRUE(database->health().value().empty());
  EXPECT_TRUE(database->history("key").value().empty());
  EXPECT_TRUE(database->notified().value().empty());
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
      const bool has_folders = version >= 6;
      raw.exec("INSERT INTO token (" + std::string(has_folders ? "config_folder, " : "") +
               "workspace, role, reference, fingerprint, expiry_estimated, minted_by_us, organization, recorded_at) "
               "VALUES (" +
               std::string(has_folders ? "'', " : "") + "'my-app', '', 'r', 'a3f9c2b81e74', 0, 0, '', 0)");
    }
    const auto database = opened(file_in(folder));
    ASSERT_EQ(database->tokens().value().size(), 1U) << version;
    EXPECT_EQ(database->tokens().value()[0].fingerprint, fingerprint);
    HealthRecord health;
    health.scope = workspace("my-app");
    EXPECT_TRUE(database->put_health(health)) << version;
    EXPECT_TRUE(database->mark_notified({{fingerprint, TokenNews::seven_days, noon}})) << version;
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

}  // namespace
}  // namespace jackin::state
