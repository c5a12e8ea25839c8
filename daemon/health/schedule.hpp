// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/dates.hpp"
#include "daemon/async/clock.hpp"

namespace jackin::health {

/// Of one slot, what decides when it is looked at again.
struct RefreshState {
  std::optional<Moment> checked_at;             ///< By the wall clock; nothing: never.
  std::optional<Clock::Duration> attempted_at;  ///< By the time since boot, in this daemon's life.
  std::optional<Clock::Duration> seen_at;       ///< When this daemon first saw the slot, by the time since boot.
  int failures = 0;                             ///< Attempts in a row that could not ask.
};

/// How long until a slot is to be looked at again; zero or less: now. One that was never checked: a minute after it was
/// first seen. `interval` is how often, in the best case. Slots
/// are spread over the last quarter of it by their key, so that a restart does not ask all at once for ever after.
/// After failures: 5 minutes, doubled each time, at most the interval. By the time since boot, which no clock change
/// and no time zone disturbs; the wall clock only says how old a check from before this daemon's start is, and one from
/// the future counts as of now. Pure.
Clock::Duration until_refresh(std::string_view key, const RefreshState& state, Moment now, Clock::Duration uptime,
                              std::chrono::seconds interval);

/// How long until midnight UTC of the first day on which something is to be told of a token that expires on that day:
/// 30, 7 and 1 days before, on the day itself and the day after; nothing when all of these have passed. Pure.
std::optional<Clock::Duration> until_notice(Date expires_on, Moment now);

}  // namespace jackin::health
