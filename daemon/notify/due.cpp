// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/due.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace jackin::notify {
namespace {

// Each event is due from this many days before expiry on, least urgent first. A token is still valid on its last day.
constexpr std::array<std::pair<TokenNews, int>, 4> thresholds{
    {{TokenNews::thirty_days, 30}, {TokenNews::seven_days, 7}, {TokenNews::one_day, 1}, {TokenNews::expired, -1}}};

}  // namespace

Due what_is_due(const TokenState& token, Date today, const std::set<TokenNews>& notified) {
  std::vector<TokenNews> come;
  if (token.expires_on) {
    const int days_left = days_between(today, *token.expires_on);
    for (const auto& [event, days] : thresholds) {
      if (days_left <= days) come.push_back(event);
    }
  }
  if (token.rejected) come.push_back(TokenNews::rejected);
  if (come.empty() || notified.contains(come.back())) return {};
  Due due;
  due.event = come.back();
  std::copy_if(come.begin(), come.end(), std::back_inserter(due.mark),
               [&](TokenNews event) { return !notified.contains(event); });
  return due;
}

}  // namespace jackin::notify
