// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/due.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace jackin::notify {
namespace {

using testing::ElementsAre;
using enum TokenNews;

const Date today = *parse_date("2026-11-23");

TokenState expiring_in(int days) {
  return {today + std::chrono::days(days), false};
}
TokenState rejected_and_expiring_in(int days) {
  return {today + std::chrono::days(days), true};
}

struct Case {
  const char* name;
  TokenState token;
  std::set<TokenNews> sent;
  Due due;
};

class WhatIsDue : public testing::TestWithParam<Case> {};

TEST_P(WhatIsDue, Due_MostUrgentUnreportedEvent) {
  const auto& [name, token, sent, due] = GetParam();
  EXPECT_EQ(what_is_due(token, today, sent), due);
}

TEST_P(WhatIsDue, Due_AfterMark_Nothing) {
  const auto& [name, token, sent, due] = GetParam();
  auto after = sent;
  after.insert(due.mark.begin(), due.mark.end());
  EXPECT_EQ(what_is_due(token, today, after), Due());
}

TEST_P(WhatIsDue, Due_ClockSetBack_Nothing) {
  const auto& [name, token, sent, due] = GetParam();
  auto after = sent;
  after.insert(due.mark.begin(), due.mark.end());
  for (int days = 1; days <= 400; ++days) {
    EXPECT_EQ(what_is_due(token, today - std::chrono::days(days), after), Due()) << days;
  }
}

const std::vector<Case> table{
    {"NothingOfATokenThatLastsLong", expiring_in(31), {}, {}},
    {"NothingWithoutAnExpiry", {}, {}, {}},
    {"AMonthBefore", expiring_in(30), {}, {thirty_days, {thirty_days}}},
    {"AMonthOnce", expiring_in(29), {thirty_days}, {}},
    {"NothingBetweenTheThresholds", expiring_in(8), {thirty_days}, {}},
    {"AWeekBefore", expiring_in(7), {thirty_days}, {seven_days, {seven_days}}},
    {"AWeekOnce", expiring_in(2), {thirty_days, seven_days}, {}},
    {"ADayBefore", expiring_in(1), {thirty_days, seven_days}, {one_day, {one_day}}},
    {"OnItsLastDayADayBeforeCounts", expiring_in(0), {thirty_days, seven_days}, {one_day, {one_day}}},
    {"NothingNewOnItsLastDay", expiring_in(0), {thirty_days, seven_days, one_day}, {}},
    {"Expired", expiring_in(-1), {thirty_days, seven_days, one_day}, {expired, {expired}}},
    {"ExpiredOnce", expiring_in(-400), {thirty_days, seven_days, one_day, expired}, {}},
    {"TheMostUrgentAloneAfterALongSleep", expiring_in(1), {thirty_days}, {one_day, {seven_days, one_day}}},
    {"ExpiredAloneAfterALongSleep", expiring_in(-30), {}, {expired, {thirty_days, seven_days, one_day, expired}}},
    {"AWeekAloneOfATokenThatIsNewToUs", expiring_in(5), {}, {seven_days, {thirty_days, seven_days}}},
    {"Rejected", rejected_and_expiring_in(200), {}, {rejected, {rejected}}},
    {"RejectedWithoutAnExpiry", {std::nullopt, true}, {}, {rejected, {rejected}}},
    {"RejectedOnce", rejected_and_expiring_in(200), {rejected}, {}},
    {"RejectedRatherThanExpired",
     rejected_and_expiring_in(-1),
     {thirty_days},
     {rejected, {seven_days, one_day, expired, rejected}}},
    {"NothingOfTheExpiryOfARejectedToken", rejected_and_expiring_in(7), {rejected}, {}},
    {"TheExpiryOfATokenThatIsAcceptedAgain", expiring_in(5), {rejected}, {seven_days, {thirty_days, seven_days}}},
};

INSTANTIATE_TEST_SUITE_P(Table, WhatIsDue, testing::ValuesIn(table),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace jackin::notify
