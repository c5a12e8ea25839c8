// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/secret.hpp"
#include "daemon/health/decide.hpp"
#include "daemon/health/health.hpp"
#include "daemon/health/upstream.hpp"

namespace jackin::health {

/// One full check of one scope. Receives each observation, and produces the record to keep and doctor's findings. Asks
/// no source itself; a value.
class Examination {
 public:
  /// `before` is the knowledge until now; copied.
  Examination(config::EffectiveAuth auth, const Knowledge& before, Moment now);

  /// False when there is no source: another mode, or no token configured.
  bool has_something_to_ask() const;

  /// The source returned this token; checks its shape.
  void source_returned(const Secret& token);
  /// The source returned a token with that fingerprint; its shape was checked elsewhere.
  void source_returned(const Fingerprint& fingerprint);
  /// The source failed.
  void source_failed(const Error& error);
  /// Whether the content of the source can be a token, judged by its shape.
  bool may_ask_the_api() const;
  /// The API returned this answer.
  void api_answered(const UpstreamAnswer& answer);

  /// The store gives this expiry day for the token.
  void set_expiry(Date day) { record_.expires_on = day; }

  void add(Finding finding) { findings_.push_back(std::move(finding)); }

  /// The current record. An earlier API answer about the same token stays: a failed request does not invalidate it.
  const state::HealthRecord& record() const { return record_; }

  /// The findings, and those that follow from `answer`, which is decided from the record.
  ScopeReport report(ProbeAnswer answer);

 private:
  config::EffectiveAuth auth_;
  std::optional<state::TokenRecord> token_;
  std::optional<state::HealthRecord> before_;
  state::HealthRecord record_;
  std::vector<Finding> findings_;
  bool source_reported_ = false;  // a finding already reports the problem of the source
};

}  // namespace jackin::health
