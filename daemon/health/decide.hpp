// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "common/dates.hpp"
#include "common/scope.hpp"
#include "daemon/config/effective_auth.hpp"
#include "daemon/health/verdict.hpp"
#include "daemon/state/database.hpp"

namespace jackin::health {

/// From so many days before expiry on, a token is "expiring".
inline constexpr int days_of_warning = 30;

/// What an answer is made of.
struct Knowledge {
  const config::EffectiveAuth& auth;
  const state::TokenRecord* token = nullptr;    ///< Of the source's token, if any is recorded.
  const state::HealthRecord* health = nullptr;  ///< The scope's last check, if any; counts only for the same slot.
  const Error* fault = nullptr;                 ///< What is certain to fail now, whatever was seen before.
};

/// The answer to a probe. Pure, and the only place where it is decided what blocks. Precedence: what is certain now;
/// missing; gone, denied, malformed; rejected; expired; unreachable; changed; expiring; ok or unchecked. A token record
/// whose reference is another than the source's is not looked at; its expiry counts only while the token is the
/// recorded one.
ProbeAnswer decide(const Knowledge& known, Moment now, std::chrono::seconds max_age);

/// The scope at whose layer the token is written that `auth` uses: the one to rotate.
Scope owner_of(const config::EffectiveAuth& auth);

/// `health` when it is about the configuration as it is now, else nothing.
const state::HealthRecord* counting(const state::HealthRecord* health, const config::EffectiveAuth& auth);

}  // namespace jackin::health
