// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/quota.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace jackin::ipc {
namespace {

ProcessIdentity process(pid_t pid, std::uint64_t start_time = 1) {
  return {pid, start_time, "one"};
}

class QuotaTest : public testing::Test {
 protected:
  std::optional<Quota::Full> take(Quota& quota, const ProcessIdentity& by) {
    auto taken = quota.take(by);
    if (auto* share = std::get_if<Quota::Share>(&taken)) {
      held.push_back(std::move(*share));
      return std::nullopt;
    }
    return std::get<Quota::Full>(taken);
  }
  std::vector<Quota::Share> held;
};

TEST_F(QuotaTest, Process_OverLimit_Refused) {
  Quota quota({.in_all = 10, .per_process = 2});
  EXPECT_EQ(take(quota, process(1)), std::nullopt);
  EXPECT_EQ(take(quota, process(1)), std::nullopt);
  EXPECT_EQ(take(quota, process(1)), Quota::Full::per_process);
  EXPECT_EQ(take(quota, process(1, 2)), std::nullopt) << "another process that got the same pid";
}

TEST_F(QuotaTest, Total_OverLimit_Refused) {
  Quota quota({.in_all = 2, .per_process = 2});
  EXPECT_EQ(take(quota, process(1)), std::nullopt);
  EXPECT_EQ(take(quota, process(2)), std::nullopt);
  EXPECT_EQ(take(quota, process(3)), Quota::Full::in_all);
  held.pop_back();
  EXPECT_EQ(take(quota, process(3)), std::nullopt);
}

TEST_F(QuotaTest, Reserved_OnlyForProcessesWithFew) {
  Quota quota({.in_all = 6, .per_process = 6, .reserved = 3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(take(quota, process(1)), std::nullopt);
  EXPECT_EQ(take(quota, process(1)), Quota::Full::in_all);
  EXPECT_EQ(take(quota, process(2)), std::nullopt);
  EXPECT_EQ(take(quota, process(2)), std::nullopt);
  EXPECT_EQ(take(quota, process(2)), Quota::Full::in_all);
  EXPECT_EQ(take(quota, process(3)), std::nullopt);
  EXPECT_EQ(take(quota, process(4)), Quota::Full::in_all);
}

TEST_F(QuotaTest, ReleasedShare_NotCounted) {
  Quota quota({.in_all = 2, .per_process = 1});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(take(quota, process(1)), std::nullopt);
    held.clear();
  }
}

TEST_F(QuotaTest, ShareOutlivesQuota_Safe) {
  {
    Quota quota({.in_all = 2, .per_process = 1});
    EXPECT_EQ(take(quota, process(1)), std::nullopt);
  }
  held.clear();
}

}  // namespace
}  // namespace jackin::ipc
