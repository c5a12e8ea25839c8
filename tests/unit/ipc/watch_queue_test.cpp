// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/watch_queue.hpp"
#include "proto/enum_conversion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jackin::ipc {
namespace {

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
