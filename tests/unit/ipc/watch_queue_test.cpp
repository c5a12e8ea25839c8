// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/watch_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jackin::ipc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

v1::WatchEvent event(const std::string& name, const std::string& workspace, const std::string& verdict = "ok") {
  v1::WatchEvent proto;
  proto.set_event(name);
  proto.mutable_probe()->mutable_scope()->set_workspace(workspace);
  proto.mutable_probe()->set_verdict(verdict);
  return proto;
}

std::vector<std::string> all_of(WatchQueue& queue) {
  std::vector<std::string> all;
  while (!queue.empty()) {
    const auto next = queue.pop();
    all.push_back(next.event() + " " + next.probe().scope().workspace() + " " + next.probe().verdict());
  }
  return all;
}

TEST(WatchQueue, Events_InOrder) {
  WatchQueue queue;
  queue.push(event("added", "b"));
  queue.push(event("changed", "a"));
  queue.push(event("removed", "c"));
  EXPECT_THAT(all_of(queue), ElementsAre("added b ok", "changed a ok", "removed c ok"));
}

TEST(WatchQueue, SameScope_Merged) {
  WatchQueue queue;
  queue.push(event("current", "a"));
  queue.push(event("changed", "a", "gone"));
  queue.push(event("added", "b"));
  queue.push(event("changed", "b", "rejected"));
  queue.push(event("changed", "c"));
  queue.push(event("removed", "c"));
  queue.push(event("removed", "d"));
  queue.push(event("added", "d", "missing"));
  EXPECT_THAT(all_of(queue), ElementsAre("current a gone", "added b rejected", "removed c ok", "changed d missing"));
}

TEST(WatchQueue, AddedThenRemoved_Nothing) {
  WatchQueue queue;
  queue.push(event("added", "a"));
  queue.push(event("removed", "a"));
  queue.push(event("current", "b"));
  queue.push(event("removed", "b"));
  EXPECT_THAT(all_of(queue), IsEmpty());
}

TEST(WatchQueue, Size_BoundedByScopes) {
  WatchQueue queue;
  for (int i = 0; i < 10000; ++i) queue.push(event("changed", "w" + std::to_string(i % 7), std::to_string(i)));
  EXPECT_EQ(queue.size(), 7U);
  queue.pop();
  queue.push(event("removed", "w0"));
  EXPECT_EQ(queue.size(), 7U);
  queue.clear();
  EXPECT_TRUE(queue.empty());
  queue.push(event("added", "w1"));
  EXPECT_EQ(queue.size(), 1U);
}

}  // namespace
}  // namespace jackin::ipc
