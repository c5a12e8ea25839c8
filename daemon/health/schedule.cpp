// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/schedule.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace jackin::health {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds first_pause = minutes(5);
// The program that writes a slot, such as setup, may be about to record its own check.
constexpr seconds first_check_after = minutes(1);

// FNV-1a: gives the same value on every machine and after every start, which std::hash does not guarantee.
std::uint64_t spread_of(std::string_view key) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : key) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211U;
  }
  return hash;
}

seconds pause_after(int failures, seconds interval) {
  seconds pause = first_pause;
  for (int i = 1; i < failures && pause < interval; ++i) pause *= 2;
  return std::min(pause, interval);
}

}  // namespace

Clock::Duration until_refresh(std::string_view key, const RefreshState& state, Moment now, Clock::Duration uptime,
                              std::chrono::seconds interval) {
  const auto quarter = static_cast<std::uint64_t>(std::max<seconds::rep>(interval.count() / 4, 1));
  const seconds own = interval - seconds(static_cast<seconds::rep>(spread_of(key) % quarter));
  if (state.attempted_at) {
    const seconds pause = state.failures > 0 ? pause_after(state.failures, own) : own;
    return *state.attempted_at + pause - uptime;
  }
  if (!state.checked_at) return state.seen_at.value_or(uptime) + first_check_after - uptime;
  const seconds age = std::max(now - *state.checked_at, seconds(0));
  return own - age;
}

std::optional<Clock::Duration> until_notice(Date expires_on, Moment now) {
  constexpr std::array days_before{30, 7, 1, 0, -1};
  for (const int days : days_before) {
    const Moment at = expires_on - std::chrono::days(days);
    if (at > now) return at - now;
  }
  return std::nullopt;
}

}  // namespace jackin::health
