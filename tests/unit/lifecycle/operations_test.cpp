// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/operations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <vector>

#include "common/remedy_command.hpp"

namespace jackin::lifecycle {
namespace {

using testing::HasSubstr;

const Moment noon = *parse_moment("2026-11-23T12:00:00Z");

Scope workspace(std::string_view name) {
  return Scope::workspace(name).value();
}

TEST(Operations, Begin_SameScope_BusyNamesHolder) {
  Operations operations;
  const auto first = operations.begin("one", OperationKind::setup, workspace("my-app"), noon, {4711, 1, "jackinctl"});
  ASSERT_TRUE(first);
  const auto second = operations.begin("two", OperationKind::setup, workspace("my-app"), noon, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, Reason::busy);
  EXPECT_THAT(second.error().message, HasSubstr("setup of 'my-app'"));
  EXPECT_THAT(second.error().message, HasSubstr("2026-11-23T12:00:00Z"));
  EXPECT_THAT(second.error().message, HasSubstr("jackinctl (pid 4711)"));
}

TEST(Operations, GoOnAs_OtherJournalEntry_SameOperation) {
  Operations operations;
  auto lease = operations.begin("one", OperationKind::setup, workspace("my-app"), noon, {}).value();
  EXPECT_EQ(operations.running().at(0).journal_id, "one");
  lease.go_on_as("two");
  ASSERT_EQ(operations.running().size(), 1U);
  EXPECT_EQ(operations.running()[0].id, "one");
  EXPECT_EQ(operations.running()[0].journal_id, "two");
  EXPECT_FALSE(operations.begin("three", OperationKind::setup, workspace("my-app"), noon, {}));
}

TEST(Operations, HoldItem_IncludesItsFields) {
  Operations operations;
  auto one = operations.begin("one", OperationKind::setup, workspace("my-app"), noon, {}).value();
  auto two = operations.begin("two", OperationKind::setup, workspace("other"), noon, {}).value();
  ASSERT_TRUE(one.hold_item("op://vault/item"));
  EXPECT_FALSE(two.hold_item("op://vault/item/field"));
  EXPECT_TRUE(two.hold_item("op://vault/item2/field"));
  EXPECT_FALSE(one.hold_item("op://vault/item2"));
  EXPECT_TRUE(two.hold_item("op://vault/item3/one"));
  EXPECT_TRUE(one.hold_item("op://vault/item3/two"));
  EXPECT_TRUE(one.hold_item("file:/tokens"));
  EXPECT_TRUE(two.hold_item("file:/tokens/mine"));
}

TEST(Operations, Begin_OtherScope_Allowed) {
  Operations operations;
  const auto first = operations.begin("one", OperationKind::setup, workspace("my-app"), noon, {});
  EXPECT_TRUE(operations.begin("two", OperationKind::setup, Scope::role("my-app", "deploy").value(), noon, {}));
  EXPECT_TRUE(operations.begin("three", OperationKind::setup, Scope::global(), noon, {}));
  EXPECT_EQ(operations.running().size(), 1U) << "the leases that were let go are gone";
}

TEST(Operations, LeaseEnds_ScopeFree) {
  Operations operations;
  {
    auto lease = operations.begin("one", OperationKind::setup, workspace("my-app"), noon, {}).value();
    const auto moved = std::move(lease);
    EXPECT_EQ(operations.running().size(), 1U);
  }
  EXPECT_TRUE(operations.running().empty());
  EXPECT_TRUE(operations.begin("two", OperationKind::setup, workspace("my-app"), noon, {}));
}

TEST(Operations, HoldItem_OneOperationAtATime) {
  Operations operations;
  auto other = operations.begin("two", OperationKind::setup, workspace("b"), noon, {}).value();
  {
    auto first = operations.begin("one", OperationKind::setup, workspace("a"), noon, {}).value();
    EXPECT_TRUE(first.hold_item("file:~/x"));
    EXPECT_TRUE(first.hold_item("file:~/x")) << "its own hold is no obstacle";
    const auto held = other.hold_item("file:~/x");
    ASSERT_FALSE(held);
    EXPECT_EQ(held.error().reason, Reason::busy);
    EXPECT_THAT(held.error().message, HasSubstr("'a'"));
    EXPECT_TRUE(other.hold_item("file:~/y"));
  }
  EXPECT_TRUE(other.hold_item("file:~/x"));
}

TEST(Operations, Running_ShowsStep) {
  Operations operations;
  auto lease = operations.begin("one", OperationKind::setup, workspace("a"), noon, {}).value();
  lease.enter(Step::mint);
  EXPECT_EQ(operations.running().at(0).step, Step::mint);
  EXPECT_FALSE(operations.running().at(0).captured);
  lease.mark_captured();
  EXPECT_TRUE(operations.running().at(0).captured);
  EXPECT_EQ(lease.operation().id, "one");
}

TEST(Operations, Refuse_BeginFails) {
  Operations operations;
  operations.refuse({Reason::busy, "jackind is ending", Remedy::restart_daemon()});
  const auto refused = operations.begin("one", OperationKind::setup, workspace("a"), noon, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::busy);
  EXPECT_EQ(refused.error().message, "jackind is ending");
  EXPECT_EQ(command_line(refused.error().remedy), "jackinctl daemon restart");
  EXPECT_TRUE(operations.running().empty());
}

TEST(Operations, Refuse_RunningOperationsContinue) {
  Operations operations;
  {
    auto lease = operations.begin("one", OperationKind::rotate, workspace("a"), noon, {}).value();
    operations.refuse({Reason::busy, "jackind is ending", {}});
    EXPECT_TRUE(lease.hold_scope(workspace("b")));
    EXPECT_TRUE(lease.hold_item("file:~/x"));
    ASSERT_EQ(operations.running().size(), 1U);
    EXPECT_EQ(operations.running().front().id, "one");
  }
  EXPECT_TRUE(operations.running().empty());
  EXPECT_FALSE(operations.begin("two", OperationKind::setup, workspace("a"), noon, {}));
}

TEST(Operations, Running_StepNumber_PlannedStepsOnly) {
  Operations operations;
  auto lease = operations.begin("one", OperationKind::rotate, workspace("a"), noon, {}).value();
  lease.enter(Step::program);
  EXPECT_EQ(lease.operation().step_number(), 0U) << "no plan yet";
  lease.plan({Step::program, Step::store, Step::record});
  lease.enter(Step::store, "1Password");
  EXPECT_EQ(lease.operation().step_number(), 2U);
  EXPECT_EQ(lease.operation().detail, "1Password");
  lease.enter(Step::keep);
  EXPECT_EQ(lease.operation().step_number(), 2U);
  lease.enter(Step::record);
  EXPECT_EQ(lease.operation().step_number(), 3U);
  lease.enter(Step::delete_old);
  EXPECT_EQ(lease.operation().step_number(), 3U);
}

TEST(Operations, Running_WaitsFor_ByStepAndQuestion) {
  Operations operations;
  auto lease = operations.begin("one", OperationKind::rotate, workspace("a"), noon, {}).value();
  EXPECT_EQ(lease.operation().waits_for(), std::nullopt);
  lease.enter(Step::mint);
  EXPECT_EQ(lease.operation().waits_for(), WaitsFor::consent);
  lease.mark_captured();
  EXPECT_EQ(lease.operation().waits_for(), std::nullopt);
  EXPECT_TRUE(lease.operation().runs_to_its_end());
  for (const Step step : {Step::resolve, Step::store, Step::read_back, Step::delete_old, Step::delete_item}) {
    lease.enter(step);
    EXPECT_EQ(lease.operation().waits_for(), WaitsFor::store);
  }
  lease.mark_asking(true);
  EXPECT_EQ(lease.operation().waits_for(), WaitsFor::answer);
  EXPECT_FALSE(lease.operation().runs_to_its_end());
}

TEST(Operations, Recent_EndedWithinADay_OldestFirst) {
  Operations operations;
  const auto run = [&](const std::string& id, Moment ended_at) {
    auto lease = operations.begin(id, OperationKind::setup, workspace("a"), ended_at, {}).value();
    lease.set_result({Outcome::kept, std::nullopt, std::nullopt, ended_at});
  };
  run("one", noon);
  run("two", noon + std::chrono::hours(1));
  { const auto without_result = operations.begin("three", OperationKind::setup, workspace("a"), noon, {}); }
  const auto recent = operations.recent(noon + std::chrono::hours(2));
  ASSERT_EQ(recent.size(), 2U);
  EXPECT_EQ(recent[0].id, "one");
  EXPECT_EQ(recent[1].result->outcome, Outcome::kept);
  EXPECT_EQ(operations.recent(noon + std::chrono::hours(24)).size(), 1U);
  for (std::size_t i = 0; i < Operations::most_recent; ++i) run("more", noon);
  EXPECT_EQ(operations.recent(noon).size(), Operations::most_recent);
  EXPECT_EQ(operations.recent(noon).front().id, "more");
}

TEST(Operations, Watch_EachChange_UntilTheHandleEnds) {
  Operations operations;
  std::vector<std::string> seen;
  auto watching = operations.watch([&](const OperationState& operation) {
    seen.push_back(operation.id + (operation.result ? " ended" : operation.step ? " at a step" : " begun"));
  });
  {
    auto lease = operations.begin("one", OperationKind::setup, workspace("a"), noon, {}).value();
    lease.enter(Step::program);
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"one begun", "one at a step", "one ended"}));
  watching.reset();
  { const auto lease = operations.begin("two", OperationKind::setup, workspace("a"), noon, {}); }
  EXPECT_EQ(seen.size(), 3U);
}

TEST(Operations, BeginMint_OverLimit_Busy) {
  Operations operations;
  std::vector<Operations::MintTurn> turns;
  for (int i = 0; i < Operations::most_mints; ++i) turns.push_back(operations.begin_mint().value());
  const auto refused = operations.begin_mint();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::busy);
  turns.pop_back();
  EXPECT_TRUE(operations.begin_mint());
}

TEST(OperationId, TwentySixBase32Characters_Unique) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = new_operation_id();
    EXPECT_EQ(id.size(), 26U);
    EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567"), std::string::npos) << id;
    EXPECT_TRUE(ids.insert(id).second);
  }
}

}  // namespace
}  // namespace jackin::lifecycle
