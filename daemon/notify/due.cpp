// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/due.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace jackin::notify {
namespace {

constexpr std::array<std::pair<Event, std::string_view>, 5> codes{{{Event::thirty_days, "30_days"},
                                                                   {Event::seven_days, "7_days"},
                                                                   {Event::one_day, "1_day"},
                                                                   {Event::expired, "expired"},
                                                                   {Event::rejected, "rejected"}}};

// Each event is due from this many days before expiry on, least urgent first. A token is still valid on its last day.
constexpr std::array<std::pair<Event, int>, 4> thresholds{
    {{Event::thirty_days, 30}, {Event::seven_days, 7}, {Event::one_day, 1}, {Event::expired, -1}}};

}  // namespace

std::string_view to_code(Event event) {
  const auto* const found = std::find_if(codes.begin(), codes.end(), [&](auto& code) { return code.first == event; });
  return found == codes.end() ? std::string_view() : found->second;
}

std::optional<Event> event_from_code(std::string_view code) {
  for (const auto& [event, spelling] : codes) {
    if (spelling == code) return event;
  }
  return std::nullopt;
}

Due what_is_due(const TokenState& token, Date today, const std::set<Event>& notified) {
  std::vector<Event> come;
  if (token.expires_on) {
    const int days_left = days_between(today, *token.expires_on);
    for (const auto& [event, days] : thresholds) {
      if (days_left <= days) come.push_back(event);
    }
  }
  if (token.rejected) come.push_back(Event::rejected);
  if (come.empty() || notified.contains(come.back())) return {};
  Due due;
  due.tell = come.back();
  std::copy_if(come.begin(), come.end(), std::back_inserter(due.mark),
               [&](Event event) { return !notified.contains(event); });
  return due;
}

}  // namespace jackin::notify
