// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/dates.hpp"
#include "common/fingerprint.hpp"
#include "common/remedy.hpp"
#include "common/scope.hpp"
#include "daemon/config/auth_mode.hpp"

namespace jackin::health {

/// The decision for a launcher.
enum class Decision { allow, warn, block };

/// The state of a scope's token.
enum class Verdict {
  ok,
  unchecked,    ///< Configured, never checked.
  not_managed,  ///< Another mode than oauth_token.
  expiring,     ///< Expires in 30 days or less.
  changed,      ///< Other fingerprint than recorded, and the API has not been asked about it.
  unreachable,  ///< The source could not be asked.
  missing,      ///< Mode oauth_token and no token configured.
  malformed,    ///< The content of the source is not a token, or a configuration file cannot be read.
  denied,       ///< The source must not be used: its permissions or its owner.
  rejected,     ///< The API rejects the token.
  gone,         ///< The source is certain to be gone.
  expired,      ///< By the recorded expiry, unless the API has accepted the token since.
};

/// "allow", "warn", "block"; and "ok", "not_managed", …: stable, as the JSON output of clients has them.
std::string_view to_text(Decision decision);
std::string_view to_text(Verdict verdict);

/// The decision that goes with a verdict. Only what is certain blocks.
Decision decision_for(Verdict verdict);

/// The answer to "will this start?".
struct ProbeAnswer {
  Scope scope;
  Decision decision = Decision::allow;
  Verdict verdict = Verdict::unchecked;
  std::optional<config::AuthMode> mode;  ///< Nothing when the configuration cannot be read.
  std::string source;                    ///< `secrets::describe`; empty when there is none.
  std::string source_kind;               ///< `secrets::kind_of`; empty when there is none.
  std::string summary;                   ///< One sentence.
  Remedy remedy;                         ///< May be empty.
  std::optional<Fingerprint> fingerprint;
  std::optional<Date> expires_on;
  std::optional<int> days_left;
  std::optional<Moment> checked_at;
  bool fresh = false;
};

}  // namespace jackin::health
