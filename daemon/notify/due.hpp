// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "common/dates.hpp"
#include "common/verdict.hpp"

namespace jackin::notify {

/// The properties of a token that decide which events are due.
struct TokenState {
  std::optional<Date> expires_on;  ///< Nothing when not known, or when the API has proved the record wrong.
  bool rejected = false;           ///< The API rejected it in the last check.
};

/// The event that is due.
struct Due {
  std::optional<TokenNews> event;
  /// The events to mark as reported after delivery: `event` itself, and the less urgent events, which it replaces.
  std::vector<TokenNews> mark;

  friend bool operator==(const Due&, const Due&) = default;
};

/// The event to report today for a token whose `notified` events were reported before. Pure. Returns the most urgent
/// due event that was not reported yet, and marks the earlier events with it. So a daemon that missed several events
/// reports one, and a clock that is set back causes no repetition. While a token is rejected its expiry is not
/// reported.
Due what_is_due(const TokenState& token, Date today, const std::set<TokenNews>& notified);

}  // namespace jackin::notify
