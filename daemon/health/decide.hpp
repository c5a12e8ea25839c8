// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "common/dates.hpp"
#include "common/scope.hpp"
#include "daemon/config/effective_auth.hpp"
#include "daemon/health/probe_answer.hpp"
#include "daemon/state/database.hpp"

namespace jackin::health {

/// A token is "expiring" from this number of days before its expiry.
inline constexpr int days_of_warning = 30;

/// The decision that goes with a verdict. Only what is certain blocks.
Decision decision_for(Verdict verdict);

/// The inputs of a decision.
struct Knowledge {
  const config::EffectiveAuth& auth;
  const state::TokenRecord* token = nullptr;    ///< Of the source's token, if any is recorded.
  const state::HealthRecord* health = nullptr;  ///< The scope's last check, if any. Ignored if the slot changed since.
  const Error* fault = nullptr;                 ///< A certain failure now, whatever earlier checks found.
};

/// Decides the answer to a probe. Pure, and the only place that decides what blocks. Precedence: certain failures;
/// missing; gone, denied, malformed; rejected; expired; unreachable; changed; expiring; ok or unchecked. Ignores a
/// token record whose reference differs from that of the source. Uses the recorded expiry only while the token is the
/// recorded one.
ProbeAnswer decide(const Knowledge& known, Moment now, std::chrono::seconds max_age);

/// The scope whose layer contains the token that `auth` uses: the scope to rotate.
Scope owner_of(const config::EffectiveAuth& auth);

/// `health` when it matches the current configuration, else nothing; so for a variable of one launch's environment.
const state::HealthRecord* counting(const state::HealthRecord* health, const config::EffectiveAuth& auth);

}  // namespace jackin::health
