// SPDX-License-Identifier: Apache-2.0
#include "common/dates.hpp"

#include <gtest/gtest.h>

namespace jackin {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

TEST(Dates, Date_FormatAndParse_RoundTrip) {
  for (const std::string text : {"1970-01-01", "2024-02-29", "2027-11-23", "9999-12-31"}) {
    const auto date = parse_date(text);
    ASSERT_TRUE(date) << text;
    EXPECT_EQ(format_date(*date), text);
  }
}

TEST(Dates, ParseDate_Malformed_Rejected) {
  for (const std::string text : {"", "2023-02-29", "2023-13-01", "2023-00-10", "2023-01-00", "2023-1-1", "23-01-01",
                                 "2023-01-01 ", " 2023-01-01", "2023/01/01", "20230101", "-023-01-01", "2023-01-32"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
}

TEST(Dates, Moment_FormattedInUtc) {
  const Moment moment = sys_days(2026y / 11 / 23) + 15h + 4min + 5s;
  EXPECT_EQ(format_moment(moment), "2026-11-23T15:04:05Z");
  EXPECT_EQ(parse_moment("2026-11-23T15:04:05Z"), moment);
}

TEST(Dates, ParseMoment_OffsetsAndFractions_Accepted) {
  const Moment moment = sys_days(2026y / 11 / 23) + 15h + 4min + 5s;
  for (const std::string text : {"2026-11-23T17:04:05+02:00", "2026-11-23T09:34:05-05:30", "2026-11-23T15:04:05.999Z",
                                 "2026-11-23t15:04:05z", "2026-11-23 15:04:05+00:00", "2026-11-24T01:04:05.1+10:00"}) {
    EXPECT_EQ(parse_moment(text), moment) << text;
  }
  EXPECT_EQ(parse_moment("2016-12-31T23:59:60Z"), Moment(sys_days(2017y / 1 / 1)));
}

TEST(Dates, ParseMoment_Malformed_Rejected) {
  for (const std::string text :
       {"", "2026-11-23", "2026-11-23T15:04:05", "2026-11-23T15:04Z", "2026-11-23T24:00:00Z", "2026-11-23T15:60:00Z",
        "2026-11-23T15:04:61Z", "2026-11-23T15:04:05.Z", "2026-11-23T15:04:05Zx", "2026-11-23T15:04:05+0200",
        "2026-11-23T15:04:05+24:00", "2026-11-23T15:04:05.5", "2026-02-30T00:00:00Z"}) {
    EXPECT_FALSE(parse_moment(text)) << text;
  }
}

TEST(Dates, DaysBetween_CountsUtcDates) {
  const Moment late = sys_days(2026y / 11 / 23) + 23h + 59min + 59s;
  EXPECT_EQ(days_between(date_of(late), sys_days(2026y / 11 / 24)), 1);
  EXPECT_EQ(days_between(date_of(late), sys_days(2027y / 11 / 23)), 365);
  EXPECT_EQ(days_between(sys_days(2026y / 11 / 24), date_of(late)), -1);
  EXPECT_EQ(days_between(sys_days(2028y / 2 / 28), sys_days(2028y / 3 / 1)), 2);
}

TEST(Dates, ParseDuration_UnitsAccepted_OthersRejected) {
  EXPECT_EQ(parse_duration("0s"), 0s);
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("10m"), 10min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("1d"), 24h);
  EXPECT_EQ(parse_duration("3650d"), 24h * 3650);
  for (const std::string text : {"", "s", "10", "-1s", "+1s", "1.5h", "1w", "1h30m", " 1s", "1 s", "1S", "3651d",
                                 "99999999999999999999s", "9223372036854775807d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
}  // namespace jackin
