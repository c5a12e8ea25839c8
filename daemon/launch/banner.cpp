// SPDX-License-Identifier: Apache-2.0
#include "common/words.hpp"
#include "daemon/launch/launch.hpp"

namespace jackin::launch {
namespace {

constexpr int red_days = 7;
constexpr int yellow_days = 30;

std::string expiry_of(const health::ProbeAnswer& answer) {
  if (!answer.days_left) return {};
  const int days = *answer.days_left;
  if (days < 0) return " · expired on " + format_date(*answer.expires_on);
  if (days == 0) return " · expires today";
  return " · expires in " + std::to_string(days) + (days == 1 ? " day" : " days");
}

}  // namespace

Banner banner_for(const health::ProbeAnswer& answer) {
  Banner banner;
  if (!answer.mode) return {"claude auth: " + answer.summary, BannerColour::red};
  banner.text = "claude auth: " + std::string(word_of(*answer.mode));
  if (answer.mode != AuthMode::oauth_token) return banner;
  if (!answer.source.empty()) banner.text += " from " + answer.source;
  banner.text += expiry_of(answer);
  // Adds what the expiry alone does not show.
  const bool is_about_expiry = answer.verdict == Verdict::expiring || answer.verdict == Verdict::expired;
  if (answer.decision != Decision::allow && !is_about_expiry) banner.text += " · " + answer.summary;
  if (answer.decision == Decision::block || (answer.days_left && *answer.days_left <= red_days)) {
    banner.colour = BannerColour::red;
  } else if (answer.decision == Decision::warn || (answer.days_left && *answer.days_left <= yellow_days)) {
    banner.colour = BannerColour::yellow;
  }
  return banner;
}

}  // namespace jackin::launch
