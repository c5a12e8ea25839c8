// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "common/dates.hpp"

namespace jackin::notify {

/// What may be told of a token, each once. In the order of urgency.
enum class Event { thirty_days, seven_days, one_day, expired, rejected };

/// "30_days", "7_days", "1_day", "expired", "rejected": stable, as the state database keeps them.
std::string_view to_code(Event event);
/// The event with that spelling; nothing for one that this version does not know.
std::optional<Event> event_from_code(std::string_view code);

/// What counts of a token for what is to be told of it.
struct TokenState {
  std::optional<Date> expires_on;  ///< Nothing when not known, or when the API has proved the record wrong.
  bool rejected = false;           ///< By the API, at its last word.
};

/// What is due.
struct Due {
  std::optional<Event> tell;
  /// To be marked as told once that is: `tell` itself, and what it makes superfluous.
  std::vector<Event> mark;

  friend bool operator==(const Due&, const Due&) = default;
};

/// What to tell today of a token of which `told` was told before. Pure. The most urgent event that has come, if it was
/// not told yet; those before it are marked with it, so that a daemon that slept over some of them tells one, and a
/// clock that is set back tells none again. While a token is rejected nothing is told of its expiry.
Due what_is_due(const TokenState& token, Date today, const std::set<Event>& notified);

}  // namespace jackin::notify
