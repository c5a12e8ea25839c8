// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace jackin {

/// A calendar day in UTC.
using Date = std::chrono::sys_days;
/// A point in time in UTC, with a resolution of one second.
using Moment = std::chrono::sys_seconds;

/// "2027-11-23".
std::string format_date(Date date);
std::optional<Date> parse_date(std::string_view text);

/// RFC 3339 in UTC, "2026-11-23T15:04:05Z".
std::string format_moment(Moment moment);
/// Parses RFC 3339 with `Z` or an offset, with or without a fraction (which is dropped); nothing for any other text.
std::optional<Moment> parse_moment(std::string_view text);

inline Date date_of(Moment moment) {
  return std::chrono::floor<std::chrono::days>(moment);
}
/// Whole days from `from` to `to`, between UTC dates; negative when `to` is before `from`.
inline int days_between(Date from, Date to) {
  return static_cast<int>((to - from).count());
}

/// Parses a duration: "90s", "10m", "2h", "1d". Nothing for any other text, or for more than ten years.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace jackin
