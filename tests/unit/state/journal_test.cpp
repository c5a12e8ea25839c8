// SPDX-License-Identifier: Apache-2.0
#include "common/words.hpp"
#include "tests/unit/state/database_fixture.hpp"

namespace jackin::state {
namespace {

using test::TempDir;
using testing::ElementsAre;
using testing::Pair;

TEST(Journal, ForgetBefore_EndedOperationsOnly) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  for (const std::optional<Outcome> outcome : {std::optional<Outcome>(), std::optional(Outcome::stuck),
                                               std::optional(Outcome::done), std::optional(Outcome::failed)}) {
    const std::string id(outcome ? word_of(*outcome) : "open");
    OperationRecord record;
    record.id = id;
    record.kind = OperationKind::setup;
    record.scope = workspace("a");
    record.step = Step::begun;
    record.begun_at = noon;
    ASSERT_TRUE(database->begin_operation(record));
    if (!outcome) continue;
    ASSERT_TRUE(database->end_operation(id, *outcome, noon));
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
    ASSERT_TRUE(
        database->enter_step("one", Step::store, R"({"reference":"file:~/x"})", noon + std::chrono::seconds(1)));
    ASSERT_TRUE(database->enter_step("one", Step::write_config, "{}", noon + std::chrono::seconds(2)));
  }
  const auto database = opened(file_in(folder));
  EXPECT_THAT(database->steps_of("one").value(),
              ElementsAre(Pair(Step::begun, "{}"), Pair(Step::store, R"({"reference":"file:~/x"})"),
                          Pair(Step::write_config, "{}")));
  const auto unfinished = database->unfinished_operations().value();
  ASSERT_EQ(unfinished.size(), 1U);
  EXPECT_EQ(unfinished[0].kind, OperationKind::setup);
  EXPECT_EQ(unfinished[0].scope, workspace("my-app"));
  EXPECT_EQ(unfinished[0].step, Step::write_config);
  EXPECT_EQ(unfinished[0].begun_at, noon);
  EXPECT_EQ(unfinished[0].changed_at, noon + std::chrono::seconds(2));
}

TEST(Journal, UnfinishedOperations_OpenAndStuck_OldestFirst) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  for (const auto* id : {"open", "done", "stuck", "undone", "failed", "kept"}) {
    auto record = setup_of(id, workspace(id));
    if (from_word<Outcome>(id) == Outcome::stuck) record.begun_at -= std::chrono::hours(1);
    ASSERT_TRUE(database->begin_operation(record));
    if (const auto outcome = from_word<Outcome>(id)) {
      ASSERT_TRUE(database->end_operation(id, *outcome, noon));
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
  EXPECT_EQ(database->enter_step("unknown", Step::store, "{}", noon).error().reason, Reason::internal);
  EXPECT_EQ(database->end_operation("unknown", Outcome::done, noon).error().reason, Reason::internal);
}

// A second connection corresponds to a daemon after a crash: it sees only what has reached the file.
TEST(Journal, CallReturns_StepIsInFile) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  ASSERT_TRUE(database->begin_operation(setup_of("one", workspace("my-app"))));
  ASSERT_TRUE(database->enter_step("one", Step::store, "{}", noon));
  SQLite::Database other(file_in(folder).string(), SQLite::OPEN_READONLY);
  EXPECT_EQ(other.execAndGet("SELECT step FROM operation WHERE id = 'one'").getString(), "store");
}

}  // namespace
}  // namespace jackin::state
