// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/schedule.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace jackin::health {
namespace {

using namespace std::chrono_literals;

const Moment now = *parse_date("2026-11-23") + 12h;
constexpr auto interval = std::chrono::seconds(12h);

Clock::Duration until(const RefreshState& state, std::string_view key = "k", Clock::Duration uptime = 100h) {
  return until_refresh(key, state, now, uptime, interval);
}

TEST(UntilRefresh, NeverChecked_OneMinuteAfterSeen) {
  EXPECT_EQ(until({}), 1min);
  RefreshState seen;
  seen.seen_at = 100h - 40s;
  EXPECT_EQ(until(seen), 20s);
}

TEST(UntilRefresh, SpreadOverLastQuarter_SameForOneSlot) {
  std::set<Clock::Duration> different;
  for (int i = 0; i < 100; ++i) {
    const std::string key = "slot-" + std::to_string(i);
    const auto left = until({now, {}, {}, 0}, key);
    EXPECT_GT(left, 9h);
    EXPECT_LE(left, 12h);
    EXPECT_EQ(left, until({now, {}, {}, 0}, key));
    different.insert(left);
  }
  EXPECT_GT(different.size(), 90U);
}

TEST(UntilRefresh, AfterStart_AgeOfLastCheck) {
  const auto fresh = until({now, {}, {}, 0});
  EXPECT_EQ(until({now - 2h, {}, {}, 0}), fresh - 2h);
  EXPECT_LT(until({now - 24h, {}, {}, 0}), 0s);
}

TEST(UntilRefresh, CheckInFuture_CountsAsNow) {
  EXPECT_EQ(until({now + 1000h, {}, {}, 0}), until({now, {}, {}, 0}));
}

TEST(UntilRefresh, CheckedSinceStart_TimeSinceBoot) {
  // The wall clock does not matter.
  const auto fresh = until({now, {}, {}, 0});
  EXPECT_EQ(until({now - 1000h, 100h, {}, 0}), fresh);
  EXPECT_EQ(until({now + 1000h, 97h, {}, 0}), fresh - 3h);
}

TEST(UntilRefresh, Failures_BackOffUpToInterval) {
  const auto after = [](int failures) { return until({now, 100h, {}, failures}); };
  EXPECT_EQ(after(1), 5min);
  EXPECT_EQ(after(2), 10min);
  EXPECT_EQ(after(3), 20min);
  EXPECT_EQ(after(9), after(0));
  EXPECT_EQ(after(1000), after(0));
}

TEST(UntilNotice, Expiry_Known_MidnightOfNextNoticeDay) {
  const auto expires = [](int days) { return date_of(now) + std::chrono::days(days); };
  EXPECT_EQ(until_notice(expires(100), now), Clock::Duration(70 * 24h - 12h));
  EXPECT_EQ(until_notice(expires(30), now), Clock::Duration(23 * 24h - 12h));
  EXPECT_EQ(until_notice(expires(8), now), Clock::Duration(12h));
  EXPECT_EQ(until_notice(expires(7), now), Clock::Duration(6 * 24h - 12h));
  EXPECT_EQ(until_notice(expires(1), now), Clock::Duration(12h));
  EXPECT_EQ(until_notice(expires(0), now), Clock::Duration(12h));
  EXPECT_EQ(until_notice(expires(-1), now), std::nullopt);
}

}  // namespace
}  // namespace jackin::health
