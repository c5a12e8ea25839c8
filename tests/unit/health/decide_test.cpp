// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/decide.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>

#include "common/claude.hpp"
#include "common/remedy_command.hpp"
#include "common/words.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::health {
namespace {

using config::LayerKind;

const Moment now = *parse_moment("2026-11-23T12:00:00Z");
const Date this_day = date_of(now);
constexpr std::chrono::seconds max_age = std::chrono::hours(24);
const auto recorded = *Fingerprint::parse("a3f9c2b81e74");
const auto another_fingerprint = *Fingerprint::parse("ffffffffffff");

// A healthy scope: checked an hour ago, accepted, 200 days left.
struct Situation {
  config::EffectiveAuth auth;
  std::optional<state::TokenRecord> token;
  std::optional<state::HealthRecord> health;

  Situation() {
    auth.scope = Scope::workspace("my-app").value();
    auth.mode = AuthMode::oauth_token;
    auth.decided_by = LayerKind::workspace;
    auth.source = secrets::FileSource{"~/token"};
    auth.source_layer = LayerKind::workspace;
    auth.key = "key";
    token.emplace();
    token->scope = auth.scope;
    token->reference = "file:~/token";
    token->fingerprint = recorded;
    token->expires_on = this_day + std::chrono::days(200);
    health.emplace();
    health->scope = auth.scope;
    health->slot_key = "key";
    health->source = SourceState::ok;
    health->upstream = ApiAnswer::valid;
    health->fingerprint = recorded;
    health->checked_at = now - std::chrono::hours(1);
    health->upstream_at = health->checked_at;
  }

  ProbeAnswer answer() const {
    return decide({auth, token ? &*token : nullptr, health ? &*health : nullptr, fault ? &*fault : nullptr}, now,
                  max_age);
  }

  std::optional<Error> fault;

  void expire_in(int days) { token->expires_on = this_day + std::chrono::days(days); }
};

TEST(ProbeSummary, VariableOfOneLaunch_ChecksOfOthersIgnored) {
  Situation situation;
  situation.auth.source = secrets::ClientEnvSource{"MINE"};
  situation.token.reset();
  for (const auto source : {SourceState::malformed, SourceState::invalid, SourceState::gone, SourceState::ok}) {
    for (const auto upstream : {ApiAnswer::rejected, ApiAnswer::valid}) {
      situation.health->source = source;
      situation.health->upstream = upstream;
      situation.health->expires_on = this_day - std::chrono::days(1);
      const auto answer = situation.answer();
      EXPECT_EQ(answer.verdict, Verdict::unchecked) << word_of(answer.verdict);
      EXPECT_EQ(answer.decision, Decision::allow);
      EXPECT_FALSE(answer.checked_at);
      EXPECT_FALSE(answer.fingerprint);
    }
  }
}

struct Case {
  const char* name;
  std::function<void(Situation&)> change;
  Verdict verdict;
  Decision decision;
  const char* remedy;
};

class Probe : public testing::TestWithParam<Case> {};

TEST(ProbeSummary, TokenFileMissing_NamesTheScopeAndTheFile) {
  Situation situation;
  situation.health->source = SourceState::gone;
  situation.health->detail = "no file /home/me/token";
  EXPECT_EQ(situation.answer().summary, "the token file of 'my-app' is missing: ~/token");
}

TEST(ProbeSummary, ContentIsNotAToken_NamesTheFileAndWhatIsExpected) {
  Situation situation;
  situation.health->source = SourceState::malformed;
  situation.health->detail = shape_problem("something-else");
  EXPECT_EQ(situation.answer().summary, "~/token does not hold a Claude token (expected sk-ant-oat…)");
  EXPECT_EQ(command_line(situation.answer().remedy), "jackinctl rotate my-app");
}

TEST_P(Probe, Answer_OfSituation) {
  Situation situation;
  GetParam().change(situation);
  const auto answer = situation.answer();
  EXPECT_EQ(word_of(answer.verdict), word_of(GetParam().verdict));
  EXPECT_EQ(word_of(answer.decision), word_of(GetParam().decision));
  EXPECT_EQ(command_line(answer.remedy), GetParam().remedy);
  EXPECT_FALSE(answer.summary.empty());
}

constexpr const char* rotate = "jackinctl rotate my-app";
constexpr const char* edit =
    "${EDITOR:-vi} ~/token  # keep only the token in it, to create a new one: jackinctl rotate my-app";
constexpr const char* doctor = "jackinctl doctor my-app";

INSTANTIATE_TEST_SUITE_P(
    Table, Probe,
    testing::Values(
        Case{"Ok", [](auto&) {}, Verdict::ok, Decision::allow, ""},
        Case{"OkThoughTheApiWasNeverAsked",
             [](auto& s) {
               s.health->upstream.reset();
               s.health->upstream_at.reset();
             },
             Verdict::ok, Decision::allow, ""},
        Case{"OkThoughTheApiCouldNotSay", [](auto& s) { s.health->upstream = ApiAnswer::unknown; }, Verdict::ok,
             Decision::allow, ""},
        Case{"OkWithoutARecord", [](auto& s) { s.token.reset(); }, Verdict::ok, Decision::allow, ""},
        Case{"OtherMode",
             [](auto& s) {
               s.auth.mode = AuthMode::api_key;
               s.auth.source.reset();
               s.health->upstream = ApiAnswer::rejected;
             },
             Verdict::not_managed, Decision::allow, ""},
        Case{"Unchecked", [](auto& s) { s.health.reset(); }, Verdict::unchecked, Decision::allow, doctor},
        Case{"UncheckedSinceTheEdit",
             [](auto& s) {
               s.health->slot_key = "before";
               s.health->upstream = ApiAnswer::rejected;
               s.health->source = SourceState::gone;
             },
             Verdict::unchecked, Decision::allow, doctor},
        Case{"Missing", [](auto& s) { s.auth.source.reset(); }, Verdict::missing, Decision::block,
             "jackinctl setup my-app"},
        Case{"Gone", [](auto& s) { s.health->source = SourceState::gone; }, Verdict::gone, Decision::block, rotate},
        Case{"Malformed", [](auto& s) { s.health->source = SourceState::malformed; }, Verdict::malformed,
             Decision::block, rotate},
        Case{"Invalid", [](auto& s) { s.health->source = SourceState::invalid; }, Verdict::malformed, Decision::block,
             edit},
        Case{"ALineThatHoldsNoTokenIsEdited",
             [](auto& s) {
               s.auth.source = secrets::LiteralSource{std::make_shared<const Secret>()};
               s.auth.source_name = "config.toml";
               s.auth.source_place = {7, 1};
               s.health->source = SourceState::malformed;
             },
             Verdict::malformed, Decision::block,
             "${EDITOR:-vi} +7 \"${JACKIN_CONFIG_DIR:-$HOME/.config/jackin}\"/config.toml"},
        Case{"Denied", [](auto& s) { s.health->source = SourceState::denied; }, Verdict::denied, Decision::block,
             doctor},
        Case{"WrongByItsTextWhateverWasSeen",
             [](auto& s) {
               s.fault = Error{Reason::source_invalid, "the configured string is not a token", Remedy::edit_file("/x")};
             },
             Verdict::malformed, Decision::block, "${EDITOR:-vi} /x"},
        Case{"WrongByItsTextInAnotherMode",
             [](auto& s) {
               s.auth.mode = AuthMode::sync;
               s.auth.source.reset();
               s.fault = Error{Reason::config_invalid, "unknown key", Remedy::edit_file("/x")};
             },
             Verdict::malformed, Decision::block, "${EDITOR:-vi} /x"},
        Case{"CertainlyGone",
             [](auto& s) {
               s.fault = Error{Reason::source_gone, "not set", Remedy::set_variable("X", "y")};
             },
             Verdict::gone, Decision::block, "export X=y"},
        Case{"Rejected", [](auto& s) { s.health->upstream = ApiAnswer::rejected; }, Verdict::rejected, Decision::block,
             rotate},
        Case{"RejectedAndNowUnreachable",
             [](auto& s) {
               s.health->upstream = ApiAnswer::rejected;
               s.health->source = SourceState::unreachable;
             },
             Verdict::rejected, Decision::block, rotate},
        Case{"Expired",
             [](auto& s) {
               s.expire_in(-1);
               s.health->upstream_at = now - std::chrono::days(5);
             },
             Verdict::expired, Decision::block, rotate},
        Case{"ExpiredAndUnchecked",
             [](auto& s) {
               s.expire_in(-1);
               s.health.reset();
             },
             Verdict::expired, Decision::block, rotate},
        Case{"ExpiredAndUnreachable",
             [](auto& s) {
               s.expire_in(-1);
               s.health->source = SourceState::unreachable;
               s.health->upstream = ApiAnswer::unknown;
             },
             Verdict::expired, Decision::block, rotate},
        Case{"ExpiredByOurRecordYetValidSince", [](auto& s) { s.expire_in(-1); }, Verdict::ok, Decision::allow, ""},
        Case{"ExpiredIsAboutTheRecordedTokenAlone",
             [](auto& s) {
               s.expire_in(-100);
               s.health->upstream_at = now - std::chrono::days(200);
               s.health->fingerprint = another_fingerprint;
             },
             Verdict::ok, Decision::allow, ""},
        Case{"ExpiredIsAboutTheRecordedSourceAlone",
             [](auto& s) {
               s.expire_in(-1);
               s.token->reference = "file:~/elsewhere";
               s.health->upstream_at.reset();
             },
             Verdict::ok, Decision::allow, ""},
        Case{"Unreachable",
             [](auto& s) {
               s.health->source = SourceState::unreachable;
               s.health->upstream = ApiAnswer::unknown;
             },
             Verdict::unreachable, Decision::warn, doctor},
        Case{"Changed",
             [](auto& s) {
               s.health->fingerprint = another_fingerprint;
               s.health->upstream = ApiAnswer::unknown;
             },
             Verdict::changed, Decision::warn, doctor},
        Case{"ChangedAndAcceptedByTheApi", [](auto& s) { s.health->fingerprint = another_fingerprint; }, Verdict::ok,
             Decision::allow, ""},
        Case{"ExpiresToday", [](auto& s) { s.expire_in(0); }, Verdict::expiring, Decision::warn, rotate},
        Case{"ExpiresInThirtyDays", [](auto& s) { s.expire_in(30); }, Verdict::expiring, Decision::warn, rotate},
        Case{"ExpiresInThirtyOneDays", [](auto& s) { s.expire_in(31); }, Verdict::ok, Decision::allow, ""},
        Case{"ExpiringThoughUnchecked",
             [](auto& s) {
               s.expire_in(3);
               s.health.reset();
             },
             Verdict::expiring, Decision::warn, rotate},
        Case{"AVariableCannotBeRotated",
             [](auto& s) {
               s.auth.source = secrets::EnvSource{"TOKEN"};
               s.health->source = SourceState::gone;
             },
             Verdict::gone, Decision::block, doctor},
        Case{"TheGlobalTokenIsRotatedGlobally",
             [](auto& s) {
               s.auth.source_layer = LayerKind::global;
               s.health->upstream = ApiAnswer::rejected;
             },
             Verdict::rejected, Decision::block, "jackinctl rotate --global"},
        Case{"TheWorkspacesTokenIsRotatedThere",
             [](auto& s) {
               s.auth.scope = Scope::role("my-app", "deploy").value();
               s.health->upstream = ApiAnswer::rejected;
             },
             Verdict::rejected, Decision::block, rotate}),
    [](const auto& test) { return test.param.name; });

// Calls `visit` with every combination of facts about a token, and with the parts of the combination.
struct Combination {
  std::optional<SourceState> source;
  std::optional<ApiAnswer> upstream;
  std::optional<int> days_left;
  std::chrono::hours age;
  bool is_recorded;
  bool is_another;

  std::string text() const {
    return "source '" + std::string(source ? word_of(*source) : "") + "', API '" +
           std::string(upstream ? word_of(*upstream) : "") + "', days left " +
           (days_left ? std::to_string(*days_left) : "unknown") + ", checked " + std::to_string(age.count()) +
           " h ago" + (is_recorded ? ", recorded" : "") + (is_another ? ", another fingerprint" : "");
  }

  // No source: never checked.
  Situation situation() const {
    Situation situation;
    situation.token->expires_on.reset();
    if (days_left) situation.expire_in(*days_left);
    if (!is_recorded) situation.token.reset();
    auto& health = *situation.health;
    health.source = source.value_or(SourceState::ok);
    health.upstream = upstream;
    health.checked_at = now - age;
    health.upstream_at.reset();
    if (upstream == ApiAnswer::valid || upstream == ApiAnswer::rejected) health.upstream_at = health.checked_at;
    if (is_another) health.fingerprint = another_fingerprint;
    if (!source) situation.health.reset();
    return situation;
  }
};

int for_each_combination(const std::function<void(const Combination&)>& visit) {
  int visited = 0;
  std::vector<std::optional<SourceState>> sources{std::nullopt};
  for (const SourceState state : values_of<SourceState>()) sources.emplace_back(state);
  std::vector<std::optional<ApiAnswer>> answers{std::nullopt};
  for (const ApiAnswer said : values_of<ApiAnswer>()) answers.emplace_back(said);
  for (const auto source : sources) {
    for (const auto upstream : answers) {
      for (const auto days_left : {std::optional<int>(), std::optional(-400), std::optional(-1), std::optional(0),
                                   std::optional(1), std::optional(30), std::optional(31), std::optional(365)}) {
        for (const auto age :
             {std::chrono::hours(-48), std::chrono::hours(0), std::chrono::hours(25), std::chrono::hours(24 * 500)}) {
          for (const bool is_recorded : {false, true}) {
            for (const bool is_another : {false, true}) {
              visit({source, upstream, days_left, age, is_recorded, is_another});
              ++visited;
            }
          }
        }
      }
    }
  }
  return visited;
}

// The certain faults, determined without the code under test. The source or the API rejects the token. Or the recorded
// expiry of this token has passed, and no later check says that it is valid.
bool is_certain_fault(const Combination& seen) {
  if (seen.source == SourceState::gone || seen.source == SourceState::denied || seen.source == SourceState::malformed ||
      seen.source == SourceState::invalid) {
    return true;
  }
  const bool was_checked = seen.source.has_value();
  if (was_checked && seen.upstream == ApiAnswer::rejected) return true;
  const bool is_past = seen.is_recorded && seen.days_left && *seen.days_left < 0;
  if (!is_past || (was_checked && seen.is_another)) return false;
  const bool valid_since = was_checked && seen.upstream == ApiAnswer::valid &&
                           date_of(now - seen.age) > this_day + std::chrono::days(*seen.days_left);
  return !valid_since;
}

TEST(ProbeAnswer, CertainFault_BlocksAndNothingElseDoes) {
  int blocked = 0;
  const int visited = for_each_combination([&](const Combination& seen) {
    const auto answer = seen.situation().answer();
    EXPECT_EQ(answer.decision == Decision::block, is_certain_fault(seen)) << seen.text() << ": " << answer.summary;
    EXPECT_EQ(answer.decision, decision_for(answer.verdict)) << seen.text();
    EXPECT_TRUE(answer.decision == Decision::allow || !answer.remedy.empty()) << seen.text();
    if (answer.decision == Decision::block) ++blocked;
  });
  EXPECT_GT(blocked, 0);
  EXPECT_LT(blocked, visited);
}

TEST(ProbeAnswer, NoToken_BlocksOnlyInItsMode) {
  for_each_combination([](const Combination& seen) {
    auto situation = seen.situation();
    situation.auth.source.reset();
    EXPECT_EQ(situation.answer().verdict, Verdict::missing) << seen.text();
    for (const auto mode : {AuthMode::sync, AuthMode::api_key, AuthMode::ignore}) {
      situation.auth.mode = mode;
      EXPECT_EQ(situation.answer().verdict, Verdict::not_managed) << seen.text();
    }
  });
}

TEST(ProbeAnswer, DaysLeft_CountedInUtc) {
  Situation situation;
  situation.expire_in(1);
  const auto late = *parse_moment("2026-11-23T23:59:59Z");
  const auto answer = decide({situation.auth, &*situation.token, &*situation.health}, late, max_age);
  EXPECT_EQ(answer.days_left, 1);
  EXPECT_EQ(answer.summary, "the token expires in 1 day");
  const auto next = *parse_moment("2026-11-24T00:00:00Z");
  EXPECT_EQ(decide({situation.auth, &*situation.token, &*situation.health}, next, max_age).days_left, 0);
}

TEST(ProbeAnswer, Fields_WhatIsKnown) {
  const auto answer = Situation().answer();
  EXPECT_EQ(answer.scope.str(), "my-app");
  EXPECT_EQ(answer.mode, AuthMode::oauth_token);
  EXPECT_EQ(answer.source, "file ~/token");
  EXPECT_EQ(answer.fingerprint, recorded);
  EXPECT_EQ(answer.expires_on, this_day + std::chrono::days(200));
  EXPECT_EQ(answer.days_left, 200);
  EXPECT_EQ(answer.checked_at, now - std::chrono::hours(1));
  EXPECT_TRUE(answer.fresh);
}

TEST(ProbeAnswer, Fingerprint_LastSeen) {
  Situation situation;
  situation.health->fingerprint = another_fingerprint;
  EXPECT_EQ(situation.answer().fingerprint, another_fingerprint);
  EXPECT_FALSE(situation.answer().expires_on) << "the record is about another token";
}

TEST(ProbeAnswer, Fresh_OlderThanMaxAge_Stale) {
  Situation situation;
  situation.health->checked_at = now - max_age;
  EXPECT_TRUE(situation.answer().fresh);
  situation.health->checked_at -= std::chrono::seconds(1);
  EXPECT_FALSE(situation.answer().fresh);
}

TEST(ProbeAnswer, Fresh_CheckInFuture_Stale) {
  Situation situation;
  situation.health->checked_at = now + std::chrono::hours(1);
  EXPECT_FALSE(situation.answer().fresh);
}

TEST(ProbeAnswer, Fresh_ConfigurationChanged_Stale) {
  Situation situation;
  situation.auth.key = "edited";
  EXPECT_FALSE(situation.answer().fresh);
  EXPECT_FALSE(situation.answer().checked_at);
}

TEST(ProbeAnswer, Fresh_NothingToCheck_Fresh) {
  Situation situation;
  situation.health.reset();
  situation.auth.source.reset();
  EXPECT_TRUE(situation.answer().fresh);
  situation.auth.mode = AuthMode::ignore;
  EXPECT_TRUE(situation.answer().fresh);
}

TEST(ProbeAnswer, Summary_ReasonOfLastCheck) {
  Situation situation;
  situation.health->upstream = ApiAnswer::rejected;
  situation.health->detail = "the API does not accept the token: Invalid bearer token";
  EXPECT_EQ(situation.answer().summary, "the API does not accept the token: Invalid bearer token");
  situation.health->source = SourceState::unreachable;
  situation.health->detail = "1Password is locked";
  EXPECT_EQ(situation.answer().summary, "the API rejects the token");
  situation.health->upstream = ApiAnswer::unknown;
  EXPECT_EQ(situation.answer().summary, "the source could not be read: 1Password is locked");
}

}  // namespace
}  // namespace jackin::health
