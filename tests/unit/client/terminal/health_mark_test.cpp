// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/health_mark.hpp"

#include <gtest/gtest.h>

namespace jackin::client {
namespace {

TEST(HealthMark, Glyph_DecisionAndVerdict_Distinct) {
  EXPECT_EQ(health_mark(Decision::allow, Verdict::ok).glyph, "✓");
  EXPECT_EQ(health_mark(Decision::allow, Verdict::not_managed).glyph, "·");
  EXPECT_EQ(health_mark(Decision::allow, Verdict::unchecked).glyph, "·");
  EXPECT_EQ(health_mark(Decision::warn, Verdict::expiring).glyph, "!");
  EXPECT_EQ(health_mark(Decision::block, Verdict::missing).glyph, "✗");
  EXPECT_EQ(health_mark(std::nullopt, std::nullopt).glyph, "!");
  const OutputStyle ascii{false, false};
  EXPECT_EQ(health_mark(Decision::allow, Verdict::ok, ascii).glyph, "+");
  EXPECT_EQ(health_mark(Decision::allow, Verdict::unchecked, ascii).glyph, "-");
  EXPECT_EQ(health_mark(Decision::block, Verdict::gone, ascii).glyph, "x");
}

TEST(DaysLeftBar, Days_UpToOneYear_Proportional) {
  EXPECT_EQ(days_left_bar(365), "██████████ 365");
  EXPECT_EQ(days_left_bar(400), "██████████ 400");
  EXPECT_EQ(days_left_bar(183), "██████░░░░ 183");
  EXPECT_EQ(days_left_bar(1), "█░░░░░░░░░ 1");
  EXPECT_EQ(days_left_bar(183, OutputStyle{false, false}), "######.... 183");
  EXPECT_EQ(days_left_bar(0), "░░░░░░░░░░ 0");
}

TEST(DaysLeftBar, ExpiredOrUnknown_NoBar) {
  EXPECT_EQ(days_left_bar(-1), "expired");
  EXPECT_EQ(days_left_bar(std::nullopt), "");
}

TEST(DaysLeftBar, Style_ThirtyAndSevenDays_WarningAndBad) {
  EXPECT_EQ(style_of_days_left(31), TextStyle::plain);
  EXPECT_EQ(style_of_days_left(30), TextStyle::warning);
  EXPECT_EQ(style_of_days_left(8), TextStyle::warning);
  EXPECT_EQ(style_of_days_left(7), TextStyle::bad);
  EXPECT_EQ(style_of_days_left(std::nullopt), TextStyle::plain);
}

TEST(TimeAgo, Age_LargestFittingUnit) {
  using namespace std::chrono_literals;
  const Moment now{1'800'000'000s};
  EXPECT_EQ(time_ago(std::nullopt, now), "never");
  EXPECT_EQ(time_ago(now + 5s, now), "just now");
  EXPECT_EQ(time_ago(now + 60s, now), "just now");
  EXPECT_EQ(time_ago(now + 61s, now), "in the future");
  EXPECT_EQ(time_ago(now - 59s, now), "just now");
  EXPECT_EQ(time_ago(now - 5min, now), "5 min ago");
  EXPECT_EQ(time_ago(now - 3h, now), "3 h ago");
  EXPECT_EQ(time_ago(now - 72h, now), "3 days ago");
}

}  // namespace
}  // namespace jackin::client
