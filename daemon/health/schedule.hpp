// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/dates.hpp"
#include "daemon/async/clock.hpp"

namespace jackin::health {

/// The state of one slot that determines its next refresh.
struct RefreshState {
  std::optional<Moment> checked_at;             ///< By the wall clock; nothing: never.
  std::optional<Clock::Duration> attempted_at;  ///< By the time since boot, in this daemon's life.
  std::optional<Clock::Duration> seen_at;       ///< When this daemon first saw the slot, by the time since boot.
  int failures = 0;                             ///< Consecutive attempts that could not ask.
};

/// The time until the next refresh of a slot; zero or less means now. A slot that was never checked is due a minute
/// after it was first seen. `interval` is the time between refreshes without failures. The key of a slot spreads the
/// slots over the last quarter of it. So they are not all due at the same time after a restart. After failures: 5
/// minutes, doubled each time, at most the interval. Uses the time since boot, which clock and time zone changes do not
/// affect. The wall clock only gives the age of a check from before this daemon's start; a check from the future counts
/// as of now. Pure.
Clock::Duration until_refresh(std::string_view key, const RefreshState& state, Moment now, Clock::Duration uptime,
                              std::chrono::seconds interval);

/// The time until midnight UTC of the next day with a notification about a token that expires on `expires_on`: 30, 7
/// and 1 days before, on the day itself and the day after. Nothing when all of these have passed. Pure.
std::optional<Clock::Duration> until_notice(Date expires_on, Moment now);

}  // namespace jackin::health
