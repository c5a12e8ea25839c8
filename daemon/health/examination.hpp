// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/secret.hpp"
#include "daemon/health/decide.hpp"
#include "daemon/health/health.hpp"
#include "daemon/health/upstream.hpp"

namespace jackin::health {

/// One full check of one scope: is told what was seen, step by step, and makes of it the record to keep and doctor's
/// findings. Asks nothing itself; a value.
class Examination {
 public:
  /// `before` is what was known until now; copied.
  Examination(config::EffectiveAuth auth, const Knowledge& before, Moment now);

  /// False when there is no source: another mode, or no token configured.
  bool has_something_to_ask() const;

  /// The source gave this: looks at its shape.
  void saw(const Secret& token);
  /// The source gave a token of that fingerprint, whose shape was looked at elsewhere.
  void saw(const Fingerprint& fingerprint);
  /// The source failed.
  void failed(const Error& error);
  /// Whether what the source gave is a token, as far as its shape tells.
  bool may_ask_the_api() const;
  /// The API said this.
  void heard(const UpstreamAnswer& answer);

  /// The store says that the token expires then.
  void told_expiry(Date day) { record_.expires_on = day; }

  void add(Finding finding) { findings_.push_back(std::move(finding)); }

  /// What is known now. An earlier word of the API about the same token stays: that the API could not be asked again
  /// takes nothing back.
  const state::HealthRecord& record() const { return record_; }

  /// The findings, with those that `answer`, decided from the record, adds.
  ScopeReport report(ProbeAnswer answer);

 private:
  config::EffectiveAuth auth_;
  std::optional<state::TokenRecord> token_;
  std::optional<state::HealthRecord> before_;
  state::HealthRecord record_;
  std::vector<Finding> findings_;
  bool source_told_ = false;  // a finding already says what the verdict would
};

}  // namespace jackin::health
