// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/decide.hpp"

#include <string>
#include <variant>

#include "common/recorded_reference.hpp"
#include "common/words.hpp"
#include "daemon/health/remedies.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::health {
namespace {

std::string in_days(int days) {
  if (days == 0) return "today";
  return "in " + std::to_string(days) + (days == 1 ? " day" : " days");
}

// The verdict for an error that is a certain failure.
Verdict verdict_of(Reason reason) {
  if (reason == Reason::source_gone) return Verdict::gone;
  return reason == Reason::source_denied ? Verdict::denied : Verdict::malformed;
}

// Determines the verdict of one probe.
class Decider {
 public:
  Decider(const Knowledge& known, Moment now)
      : auth_(known.auth), health_(counting(known.health, known.auth)), fault_(known.fault), now_(now) {
    if (known.token != nullptr && auth_.source &&
        known.token->reference == recorded_reference(secrets::reference_of(*auth_.source))) {
      token_ = known.token;
    }
  }

  ProbeAnswer answer(std::chrono::seconds max_age) {
    answer_.scope = auth_.scope;
    answer_.mode = auth_.mode;
    if (fault_ != nullptr) {
      if (auth_.source) describe();
      settle(verdict_of(fault_->reason), fault_->message, fault_->remedy);
      answer_.fresh = true;
      return answer_;
    }
    if (auth_.mode != AuthMode::oauth_token) {
      settle(Verdict::not_managed, "mode " + std::string(word_of(auth_.mode)) + ": jackind manages no token" +
                                       (auth_.env_gives_token ? ", but jackin gives the one in [env]" : ""));
      answer_.fresh = true;
      return answer_;
    }
    if (!auth_.source) {
      settle(Verdict::missing, "mode oauth_token, but no token is configured", Remedy::setup(auth_.scope));
      answer_.fresh = true;
      return answer_;
    }
    describe();
    judge();
    if (health_ != nullptr) {
      answer_.checked_at = health_->checked_at;
      // A check from the future: the clock was set back, and the check's age is unknown.
      answer_.fresh = health_->checked_at <= now_ && now_ - health_->checked_at <= max_age;
    }
    return answer_;
  }

 private:
  void settle(Verdict verdict, std::string summary, Remedy remedy = {}) {
    answer_.verdict = verdict;
    answer_.decision = decision_for(verdict);
    answer_.summary = std::move(summary);
    answer_.remedy = std::move(remedy);
  }

  bool is_changed() const {
    return health_ != nullptr && health_->fingerprint && token_ != nullptr &&
           *health_->fingerprint != token_->fingerprint;
  }

  bool was_valid_after(Date day) const {
    return health_ != nullptr && health_->upstream == ApiAnswer::valid && health_->upstream_at &&
           date_of(*health_->upstream_at) > day;
  }

  // The recorded expiry of this token, else the expiry that the store gives for the item.
  std::optional<Date> known_expiry() const {
    if (token_ != nullptr && token_->expires_on && !is_changed()) return token_->expires_on;
    return health_ != nullptr ? health_->expires_on : std::nullopt;
  }

  void describe() {
    answer_.source = secrets::describe(*auth_.source);
    answer_.source_kind = secrets::kind_of(*auth_.source);
    if (health_ != nullptr && health_->fingerprint) {
      answer_.fingerprint = health_->fingerprint;
    } else if (token_ != nullptr) {
      answer_.fingerprint = token_->fingerprint;
    }
    answer_.owner = owner_of(auth_);
    const bool is_recorded = token_ != nullptr && !is_changed();
    answer_.created_by_jackind = is_recorded && token_->minted_by_us;
    const auto expires_on = known_expiry();
    // A recorded expiry that the API has disproved is ignored.
    if (!expires_on || was_valid_after(*expires_on)) return;
    answer_.expires_on = expires_on;
    answer_.days_left = days_between(date_of(now_), *expires_on);
    if (!is_recorded || token_->expires_on != expires_on) return;
    answer_.expiry_estimated = token_->expiry_estimated;
    answer_.lifetime_days = days_between(date_of(token_->recorded_at), *expires_on);
  }

  std::string because() const { return health_->detail.empty() ? std::string() : ": " + health_->detail; }

  Remedy check() const { return Remedy::check(auth_.scope); }

  Remedy renew() const {
    return can_be_rotated(secrets::kind_of(*auth_.source)) ? Remedy::rotate(owner_of(auth_)) : check();
  }

  void judge() {
    const auto source = health_ != nullptr ? std::optional(health_->source) : std::nullopt;
    const auto upstream = health_ != nullptr ? health_->upstream : std::nullopt;
    if (source == SourceState::denied) {
      return settle(Verdict::denied, "the source must not be used" + because(), check());
    }
    if (source == SourceState::gone) return settle(Verdict::gone, gone_from_source(auth_, health_->detail), renew());
    if (source == SourceState::malformed) {
      return settle(Verdict::malformed, not_a_token(*auth_.source, health_->detail), remedy_for_non_token(auth_));
    }
    if (source == SourceState::invalid) {
      return settle(Verdict::malformed, "the source does not hold a token" + because(), remedy_for_content(auth_));
    }
    if (upstream == ApiAnswer::rejected) {
      // The detail describes the last failure: the API's message, unless the source failed after it.
      const bool in_its_words = source == SourceState::ok && !health_->detail.empty();
      return settle(Verdict::rejected, in_its_words ? health_->detail : "the API rejects the token", renew());
    }
    if (answer_.days_left && *answer_.days_left < 0) {
      return settle(Verdict::expired, "the token expired on " + format_date(*answer_.expires_on), renew());
    }
    if (source == SourceState::unreachable) {
      return settle(Verdict::unreachable, "the source could not be read" + because(), check());
    }
    if (is_changed() && upstream != ApiAnswer::valid) {
      return settle(Verdict::changed, "the token differs from the recorded one, and the API has not confirmed it",
                    check());
    }
    if (answer_.days_left && *answer_.days_left <= days_of_warning) {
      return settle(Verdict::expiring, "the token expires " + in_days(*answer_.days_left), renew());
    }
    const std::string expiry = answer_.days_left ? ", expires " + in_days(*answer_.days_left) : std::string();
    if (health_ == nullptr) return settle(Verdict::unchecked, "not checked yet" + expiry, check());
    settle(Verdict::ok,
           (upstream == ApiAnswer::valid ? "the API accepts the token" : "the source has a token") + expiry);
  }

  const config::EffectiveAuth& auth_;
  const state::HealthRecord* health_;
  const Error* fault_;
  const state::TokenRecord* token_ = nullptr;
  Moment now_;
  ProbeAnswer answer_;
};

}  // namespace

ProbeAnswer decide(const Knowledge& known, Moment now, std::chrono::seconds max_age) {
  return Decider(known, now).answer(max_age);
}

Scope owner_of(const config::EffectiveAuth& auth) {
  switch (auth.source_layer) {
    case config::LayerKind::workspace:
      if (auto scope = Scope::workspace(auth.scope.workspace_name())) return *std::move(scope);
      return auth.scope;
    case config::LayerKind::global:
      return Scope::global();
    case config::LayerKind::role:
    case config::LayerKind::built_in_default:
      return auth.scope;
  }
  return auth.scope;
}

const state::HealthRecord* counting(const state::HealthRecord* health, const config::EffectiveAuth& auth) {
  // Another client's launch can have another value.
  if (auth.source && std::holds_alternative<secrets::ClientEnvSource>(*auth.source)) return nullptr;
  return health != nullptr && health->slot_key == auth.key ? health : nullptr;
}

Decision decision_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
    case Verdict::unchecked:
    case Verdict::not_managed:
      return Decision::allow;
    case Verdict::expiring:
    case Verdict::changed:
    case Verdict::unreachable:
      return Decision::warn;
    case Verdict::missing:
    case Verdict::malformed:
    case Verdict::denied:
    case Verdict::rejected:
    case Verdict::gone:
    case Verdict::expired:
      return Decision::block;
  }
  return Decision::allow;
}

}  // namespace jackin::health
