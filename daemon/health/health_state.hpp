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

/// What a source, and the API after it, had to say.
struct Asked {
  Result<Secret> token;
  std::optional<UpstreamAnswer> upstream;
  std::optional<Date> expires_on;

  bool was_cancelled() const { return !token && token.error().reason == Reason::cancelled; }
};

/// The inside of Health.
struct Health::State {
  Dependencies deps;
  Memory memory{};
  QuickChecks quick_checks{deps.clock, deps.sources};

  ProbeAnswer answer(const config::EffectiveAuth& auth, std::optional<std::chrono::seconds> max_age = {}) const {
    Knowledge known = memory.about(auth);
    const auto fault = fault_of(auth);
    if (fault) known.fault = &*fault;
    return decide(known, deps.clock.now(), max_age.value_or(deps.max_age));
  }

  /// What `probe` says of it.
  ProbeAnswer answer(const config::ScopeAuth& one) const;

  /// What is certain to fail before anything is asked: a misspelt key, a source that its text, or what the daemon
  /// knows, rules out. With the remedy.
  std::optional<Error> fault_of(const config::EffectiveAuth& auth) const;

  /// Asks the source of `auth`, and the API about what it gives. The caller has seen that it is trusted.
  asio::awaitable<Asked> ask(const config::EffectiveAuth& auth, const secrets::ResolveContext& context, bool with_api);
  /// Fails when another user could have written the command of the source.
  /// Errors: source_denied.
  Task<> expect_trusted(const config::EffectiveAuth& auth);
  /// The two in one.
  asio::awaitable<Asked> ask_if_trusted(const config::EffectiveAuth& auth, const secrets::ResolveContext& context,
                                        bool with_api);
  /// What decides the answer of a source that is kept; nothing for others, and where that cannot be told: then nothing
  /// is taken from what is kept.
  asio::awaitable<std::optional<secrets::Inputs>> inputs_if_kept(const config::EffectiveAuth& auth,
                                                                 const secrets::ResolveContext& context);
  /// Whether the token there is not the one that was known, and the API has not judged it.
  bool is_news_to_the_api(const config::EffectiveAuth& auth, const Secret& token) const;

  /// Remembers a check, in memory at once, whatever becomes of the disk; and what it changes.
  Task<> remember(const config::EffectiveAuth& auth, const state::HealthRecord& record);
  /// In memory alone.
  void remember_for_now(const config::EffectiveAuth& auth, const state::HealthRecord& record);

  /// Remembers which organisation the recorded token belongs to, where that was not known: the API could not be asked
  /// when it was recorded.
  /// The same for a caller that may be gone by its end.
  Task<> remember_copies(config::EffectiveAuth auth, state::HealthRecord record);
  Task<> learn_organisation(const config::EffectiveAuth& auth, const Asked& asked);

 private:
  std::vector<state::HealthRecord> to_remember(const state::HealthRecord& record) const;
};

/// Whether the configuration itself is what keeps a scope from starting; and how such a scope is told of.
bool is_about_the_file(const Error& error);
ProbeAnswer broken(const Scope& scope, const Error& error);

/// Tells an examination what was asked.
void tell(Examination& examination, const Asked& asked);

}  // namespace jackin::health
