// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/health/decide.hpp"
#include "daemon/launch/launch.hpp"

namespace jackin::launch {
namespace {

using Colour = BannerColour;

health::ProbeAnswer answer(Verdict verdict, std::optional<int> days_left = {}) {
  health::ProbeAnswer answer;
  answer.mode = AuthMode::oauth_token;
  answer.verdict = verdict;
  answer.decision = health::decision_for(verdict);
  answer.source = "1Password Personal/Claude/credential";
  answer.summary = "the summary";
  if (days_left) {
    answer.days_left = days_left;
    answer.expires_on = *parse_date("2026-11-23") + std::chrono::days(*days_left);
  }
  return answer;
}

TEST(Banner, Text_SourceAndDaysLeft) {
  EXPECT_EQ(banner_for(answer(Verdict::ok, 230)).text,
            "claude auth: oauth_token from 1Password Personal/Claude/credential · expires in 230 days");
  EXPECT_EQ(banner_for(answer(Verdict::ok)).text, "claude auth: oauth_token from 1Password Personal/Claude/credential");
  EXPECT_EQ(banner_for(answer(Verdict::expiring, 1)).text,
            "claude auth: oauth_token from 1Password Personal/Claude/credential · expires in 1 day");
  EXPECT_EQ(banner_for(answer(Verdict::expiring, 0)).text,
            "claude auth: oauth_token from 1Password Personal/Claude/credential · expires today");
  EXPECT_EQ(banner_for(answer(Verdict::expired, -1)).text,
            "claude auth: oauth_token from 1Password Personal/Claude/credential · expired on 2026-11-22");
}

TEST(Banner, Colour_DependsOnDaysLeft) {
  EXPECT_EQ(banner_for(answer(Verdict::ok, 31)).colour, Colour::dim);
  EXPECT_EQ(banner_for(answer(Verdict::expiring, 30)).colour, Colour::yellow);
  EXPECT_EQ(banner_for(answer(Verdict::expiring, 8)).colour, Colour::yellow);
  EXPECT_EQ(banner_for(answer(Verdict::expiring, 7)).colour, Colour::red);
  EXPECT_EQ(banner_for(answer(Verdict::expired, -1)).colour, Colour::red);
}

TEST(Banner, Text_OtherVerdicts_Named) {
  const auto changed = banner_for(answer(Verdict::changed));
  EXPECT_EQ(changed.text, "claude auth: oauth_token from 1Password Personal/Claude/credential · the summary");
  EXPECT_EQ(changed.colour, Colour::yellow);
  EXPECT_EQ(banner_for(answer(Verdict::rejected)).colour, Colour::red);
}

TEST(Banner, Text_NotManaged_ModeOnly) {
  auto sync = answer(Verdict::not_managed);
  sync.mode = AuthMode::sync;
  EXPECT_EQ(banner_for(sync).text, "claude auth: sync");
  EXPECT_EQ(banner_for(sync).colour, Colour::dim);
}

}  // namespace
}  // namespace jackin::launch
