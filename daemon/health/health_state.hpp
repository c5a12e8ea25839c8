// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "common/secret.hpp"
#include "daemon/health/examination.hpp"
#include "daemon/health/health.hpp"
#include "daemon/health/memory.hpp"
#include "daemon/health/quick_checks.hpp"

namespace jackin::health {

/// The results of asking a source and then the API.
struct Asked {
  Result<Secret> token;
  std::optional<UpstreamAnswer> upstream;
  std::optional<Date> expires_on;

  bool was_cancelled() const { return !token && token.error().reason == Reason::cancelled; }
};

/// The implementation of Health.
struct Health::State {
  Dependencies deps;
  Memory memory{};
  QuickChecks quick_checks{deps.clock, deps.sources, deps.configuration.paths().home};

  ProbeAnswer answer(const config::EffectiveAuth& auth, std::optional<std::chrono::seconds> max_age = {}) const {
    Knowledge known = memory.about(auth);
    const auto fault = fault_of(auth);
    if (fault) known.fault = &*fault;
    return decide(known, deps.clock.now(), max_age.value_or(deps.max_age));
  }

  /// The `probe` answer for it.
  ProbeAnswer answer(const config::ScopeAuth& one) const;
  /// The same for `auth`. An error of a file becomes an answer; any other error is returned.
  Result<ProbeAnswer> answer_for(const Scope& scope, const Result<config::EffectiveAuth>& auth,
                                 std::optional<std::chrono::seconds> max_age = {}) const;

  /// A failure that is certain without asking the source: a misspelt key, or a source that its text or the daemon's
  /// knowledge rules out. With the remedy.
  std::optional<Error> fault_of(const config::EffectiveAuth& auth) const;

  /// Asks the source of `auth`, then the API about the token. The caller has checked that the source is trusted.
  asio::awaitable<Asked> ask(const config::EffectiveAuth& auth, const secrets::ResolveContext& context, bool with_api);
  /// Fails when another user could have written the command of the source.
  /// Errors: source_denied.
  Task<> expect_trusted(const config::EffectiveAuth& auth);
  /// `expect_trusted`, then `ask`.
  asio::awaitable<Asked> ask_if_trusted(const config::EffectiveAuth& auth, const secrets::ResolveContext& context,
                                        bool with_api);
  /// The inputs that determine the answer of a cached source. Nothing for other sources, or when the inputs cannot be
  /// read: then the cache is not used.
  asio::awaitable<std::optional<secrets::Inputs>> inputs_if_kept(const config::EffectiveAuth& auth,
                                                                 const secrets::ResolveContext& context);
  /// Whether the token differs from the recorded one and the API has not judged it.
  bool is_new_to_the_api(const config::EffectiveAuth& auth, const Secret& token) const;

  /// Records a check and its consequences. Memory is updated at once, even when the disk write fails.
  Task<> remember(const config::EffectiveAuth& auth, const state::HealthRecord& record);
  /// The same in memory only.
  void remember_for_now(const config::EffectiveAuth& auth, const state::HealthRecord& record);

  /// The same as `remember`. It owns its arguments, so the caller need not wait for it.
  Task<> remember_copies(config::EffectiveAuth auth, state::HealthRecord record);

  /// Records the organisation of the recorded token if it was not known, because the API could not be asked when the
  /// token was recorded. In two steps: the record to save, if any, which memory has from then on; and saving it.
  Task<> learn_organisation(const config::EffectiveAuth& auth, const Asked& asked);
  std::optional<state::TokenRecord> with_organisation(const config::EffectiveAuth& auth, const Asked& asked);
  Task<> save(state::TokenRecord token);

 private:
  std::vector<state::HealthRecord> to_remember(const state::HealthRecord& record) const;
};

/// Whether the error is about the configuration itself, and the answer for a scope with such an error. The verdict is
/// unreachable when the file does not answer, else malformed.
bool is_about_the_file(const Error& error);
ProbeAnswer broken(const Scope& scope, const Error& error);

/// Whether less than `span` has passed since `then`. False when `then` is in the future, after the clock was set back.
bool is_within(Moment then, Moment now, std::chrono::seconds span);

/// Passes the results to an examination.
void add_observations(Examination& examination, const Asked& asked);

}  // namespace jackin::health
