// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/event_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "proto/enum_conversion.hpp"

namespace jackin::ipc {
namespace {

v1::TokenEvent frame(const std::map<std::uint32_t, std::string>& rows, std::uint32_t columns = 80) {
  v1::TokenEvent event;
  event.mutable_frame()->mutable_size()->set_rows(24);
  event.mutable_frame()->mutable_size()->set_columns(columns);
  for (const auto& [number, text] : rows) {
    auto& row = *event.mutable_frame()->add_rows();
    row.set_row(number);
    row.add_runs()->set_text(text);
  }
  return event;
}

v1::TokenEvent step(v1::Step name) {
  v1::TokenEvent event;
  event.mutable_step()->set_step(name);
  return event;
}

v1::TokenEvent url(const std::string& text) {
  v1::TokenEvent event;
  event.set_authorize_url(text);
  return event;
}

std::map<std::uint32_t, std::string> rows_of(const v1::TokenEvent& event) {
  std::map<std::uint32_t, std::string> rows;
  for (const auto& row : event.frame().rows()) rows[row.row()] = row.runs(0).text();
  return rows;
}

TEST(EventQueue, Events_InOrder) {
  EventQueue queue;
  queue.push(step(v1::STEP_PROGRAM));
  queue.push(step(v1::STEP_MINT));
  EXPECT_EQ(queue.pop().step().step(), v1::STEP_PROGRAM);
  EXPECT_EQ(queue.pop().step().step(), v1::STEP_MINT);
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, WaitingFrames_MergedByRow) {
  EventQueue queue;
  queue.push(frame({{0, "old"}, {1, "kept"}}));
  queue.push(frame({{0, "new"}, {2, "more"}}));
  ASSERT_EQ(queue.size(), 1u);
  EXPECT_EQ(rows_of(queue.pop()), (std::map<std::uint32_t, std::string>{{0, "new"}, {1, "kept"}, {2, "more"}}));
}

TEST(EventQueue, Frames_OtherSize_OlderDropped) {
  EventQueue queue;
  queue.push(frame({{0, "wide"}, {5, "gone"}}, 120));
  queue.push(frame({{0, "narrow"}}, 40));
  const auto merged = queue.pop();
  EXPECT_EQ(merged.frame().size().columns(), 40u);
  EXPECT_EQ(rows_of(merged), (std::map<std::uint32_t, std::string>{{0, "narrow"}}));
}

TEST(EventQueue, Frames_NotMergedAcrossOtherEvents) {
  EventQueue queue;
  queue.push(frame({{0, "before"}}));
  queue.push(step(v1::STEP_MINT));
  queue.push(frame({{0, "after"}}));
  EXPECT_EQ(queue.pop().step().step(), v1::STEP_MINT);
  EXPECT_EQ(rows_of(queue.pop())[0], "after");
}

TEST(EventQueue, Urls_OnlyNewestKept) {
  EventQueue queue;
  queue.push(url("https://half"));
  queue.push(url("https://whole"));
  ASSERT_EQ(queue.size(), 1u);
  EXPECT_EQ(queue.pop().authorize_url(), "https://whole");
}

TEST(EventQueue, SlowClient_QueueBounded) {
  EventQueue queue;
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(queue.push(frame({{static_cast<std::uint32_t>(i % 24), "x"}})));
  EXPECT_EQ(queue.size(), 1u);
  std::size_t taken = queue.size();
  while (queue.push(step(v1::STEP_STORE))) ++taken;
  EXPECT_EQ(taken, EventQueue::limit);
}

using testing::ElementsAre;
using testing::IsEmpty;

v1::WatchEvent event(HealthEvent what, const std::string& workspace, Verdict verdict = Verdict::ok) {
  v1::WatchEvent proto;
  proto.set_event(to_proto(what));
  proto.mutable_probe()->mutable_scope()->set_workspace(workspace);
  proto.mutable_probe()->set_verdict(to_proto(verdict));
  return proto;
}

std::vector<std::string> all_of(WatchQueue& queue) {
  std::vector<std::string> all;
  while (!queue.empty()) {
    const auto next = queue.pop();
    all.push_back(word_of_proto(next.event()) + " " + next.probe().scope().workspace() + " " +
                  word_of_proto(next.probe().verdict()));
  }
  return all;
}

TEST(WatchQueue, Events_InOrder) {
  WatchQueue queue;
  queue.push(event(HealthEvent::added, "b"));
  queue.push(event(HealthEvent::changed, "a"));
  queue.push(event(HealthEvent::removed, "c"));
  EXPECT_THAT(all_of(queue), ElementsAre("added b ok", "changed a ok", "removed c ok"));
}

TEST(WatchQueue, Complete_KeptApartFromTheGlobalScope) {
  WatchQueue queue;
  queue.push(event(HealthEvent::current, ""));
  v1::WatchEvent complete;
  complete.set_event(to_proto(HealthEvent::complete));
  queue.push(complete);
  queue.push(event(HealthEvent::changed, "", Verdict::gone));
  EXPECT_THAT(all_of(queue), ElementsAre("current  gone", "complete  "));
  queue.push(event(HealthEvent::changed, ""));
  EXPECT_THAT(all_of(queue), ElementsAre("changed  ok"));
}

TEST(WatchQueue, SameScope_Merged) {
  WatchQueue queue;
  queue.push(event(HealthEvent::current, "a"));
  queue.push(event(HealthEvent::changed, "a", Verdict::gone));
  queue.push(event(HealthEvent::added, "b"));
  queue.push(event(HealthEvent::changed, "b", Verdict::rejected));
  queue.push(event(HealthEvent::changed, "c"));
  queue.push(event(HealthEvent::removed, "c"));
  queue.push(event(HealthEvent::removed, "d"));
  queue.push(event(HealthEvent::added, "d", Verdict::missing));
  EXPECT_THAT(all_of(queue), ElementsAre("current a gone", "added b rejected", "removed c ok", "changed d missing"));
}

TEST(WatchQueue, AddedThenRemoved_Nothing) {
  WatchQueue queue;
  queue.push(event(HealthEvent::added, "a"));
  queue.push(event(HealthEvent::removed, "a"));
  queue.push(event(HealthEvent::current, "b"));
  queue.push(event(HealthEvent::removed, "b"));
  EXPECT_THAT(all_of(queue), IsEmpty());
}

TEST(WatchQueue, Size_BoundedByScopes) {
  WatchQueue queue;
  for (int i = 0; i < 10000; ++i) queue.push(event(HealthEvent::changed, "w" + std::to_string(i % 7)));
  EXPECT_EQ(queue.size(), 7U);
  queue.pop();
  queue.push(event(HealthEvent::removed, "w0"));
  EXPECT_EQ(queue.size(), 7U);
  queue.clear();
  EXPECT_TRUE(queue.empty());
  queue.push(event(HealthEvent::added, "w1"));
  EXPECT_EQ(queue.size(), 1U);
}

}  // namespace
}  // namespace jackin::ipc
