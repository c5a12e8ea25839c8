// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/event_queue.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

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

}  // namespace
}  // namespace jackin::ipc
