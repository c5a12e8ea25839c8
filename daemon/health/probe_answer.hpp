// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/auth_mode.hpp"
#include "common/dates.hpp"
#include "common/fingerprint.hpp"
#include "common/remedy.hpp"
#include "common/scope.hpp"
#include "common/source_kind.hpp"
#include "common/verdict.hpp"

namespace jackin::health {

/// The answer to "will this start?".
struct ProbeAnswer {
  Scope scope;
  Decision decision = Decision::allow;
  Verdict verdict = Verdict::unchecked;
  std::optional<AuthMode> mode;           ///< Nothing when the configuration cannot be read.
  std::string source;                     ///< `secrets::describe`; empty when there is none.
  std::optional<SourceKind> source_kind;  ///< Nothing when there is no source.
  std::string summary;                    ///< One sentence.
  Remedy remedy;                          ///< May be empty.
  std::optional<Fingerprint> fingerprint;
  std::optional<Date> expires_on;
  std::optional<int> days_left;
  std::optional<Moment> checked_at;
  bool fresh = false;
  std::optional<Scope> owner;       ///< The scope whose configuration names the token; nothing when there is no source.
  bool created_by_jackind = false;  ///< The recorded token, which jackind created and stored.
  bool expiry_estimated = false;    ///< `expires_on` was calculated from the day of creation.
  std::optional<int> lifetime_days;  ///< From the day of the record to `expires_on`; nothing when unknown.
};

}  // namespace jackin::health
