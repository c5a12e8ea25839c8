// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "common/dates.hpp"

namespace jackin::notify {

/// The events of a token that the daemon reports to the user, each once. In the order of urgency.
enum class Event { thirty_days, seven_days, one_day, expired, rejected };

/// "30_days", "7_days", "1_day", "expired", "rejected": stable, as the state database keeps them.
std::string_view to_code(Event event);
/// The event with that spelling; nothing for one that this version does not know.
std::optional<Event> event_from_code(std::string_view code);

/// The properties of a token that decide which events are due.
struct TokenState {
  std::optional<Date> expires_on;  ///< Nothing when not known, or when the API has proved the record wrong.
  bool rejected = false;           ///< The API rejected it in the last check.
};

/// The event that is due.
struct Due {
  std::optional<Event> tell;
  /// The events to mark as reported after delivery: `tell` itself, and the events that it makes superfluous.
  std::vector<Event> mark;

  friend bool operator==(const Due&, const Due&) = default;
};

/// The event to report today for a token whose `told` events were reported before. Pure. Returns the most urgent due
/// event that was not reported yet, and marks the earlier events with it. So a daemon that missed several events
/// reports one, and a clock that is set back causes no repetition. While a token is rejected its expiry is not
/// reported.
Due what_is_due(const TokenState& token, Date today, const std::set<Event>& notified);

}  // namespace jackin::notify
