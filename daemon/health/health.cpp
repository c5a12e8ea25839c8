// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/health.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "common/recorded_reference.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/health/decide.hpp"
#include "daemon/health/health_state.hpp"
#include "daemon/health/remedies.hpp"
#include "daemon/process/program_runner.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::health {
namespace {

bool runs_still(const state::HandoutRecord& handout) {
  const auto process = identify_process(handout.pid);
  return process && process->start_time == handout.start_time;
}

bool is_same(const state::HandoutRecord& one, const state::HandoutRecord& other) {
  return one.pid == other.pid && one.start_time == other.start_time && one.fingerprint == other.fingerprint;
}

}  // namespace

ProbeAnswer broken(const Scope& scope, const Error& error) {
  ProbeAnswer answer;
  answer.scope = scope;
  answer.verdict = error.reason == Reason::timed_out ? Verdict::unreachable : Verdict::malformed;
  answer.decision = decision_for(answer.verdict);
  answer.summary = error.message;
  answer.remedy = error.remedy;
  answer.fresh = true;
  return answer;
}

bool is_about_the_file(const Error& error) {
  return error.reason == Reason::config_invalid || error.reason == Reason::config_unreadable ||
         error.reason == Reason::timed_out;
}

std::optional<Error> Health::State::fault_of(const config::EffectiveAuth& auth) const {
  if (auth.misspelling) return auth.misspelling->error();
  if (auth.mode != AuthMode::oauth_token || !auth.source) return std::nullopt;
  auto checked = deps.sources.check(*auth.source);
  if (checked) return std::nullopt;
  Error error = std::move(checked).error();
  if (!error.remedy.empty()) {
    error.remedy = remedy_for_failure(error, auth);
    return error;
  }
  Error in_line = config::invalid_at(auth.source_name, auth.source_place, error.message);
  in_line.reason = error.reason;
  return in_line;
}

Health::Health(Dependencies deps) : state_(new State{deps}) {}
Health::~Health() = default;

void Health::set_max_age(std::chrono::seconds max_age) {
  state_->deps.max_age = max_age;
}

Task<> Health::load() {
  auto read_tokens = [this] { return state_->deps.database.tokens(); };
  auto read_checks = [this] { return state_->deps.database.health(); };
  CO_TRY(auto tokens, co_await state_->deps.pool.run(std::move(read_tokens)));
  CO_TRY(auto checks, co_await state_->deps.pool.run(std::move(read_checks)));
  for (auto& token : tokens) state_->memory.remember(std::move(token));
  for (auto& check : checks) state_->memory.remember(std::move(check));
  co_return Result<>();
}

Task<ProbeAnswer> Health::probe(Scope scope, std::optional<std::chrono::seconds> max_age) {
  const auto auth = co_await state_->deps.configuration.effective(scope);
  co_return state_->answer_for(scope, auth, max_age);
}

Result<ProbeAnswer> Health::State::answer_for(const Scope& scope, const Result<config::EffectiveAuth>& auth,
                                              std::optional<std::chrono::seconds> max_age) const {
  if (auth) return answer(*auth, max_age);
  if (is_about_the_file(auth.error())) return broken(scope, auth.error());
  return failure(auth.error());
}

ProbeAnswer Health::answer_about(const config::EffectiveAuth& auth) const {
  return state_->answer(auth);
}

Result<ProbeAnswer> Health::answer_for(const Scope& scope, const Result<config::EffectiveAuth>& auth) const {
  return state_->answer_for(scope, auth);
}

Task<ProbeAnswer> Health::probe_with_quick_check(Scope scope, std::optional<std::chrono::seconds> max_age) {
  const auto read = co_await state_->deps.configuration.effective(scope);
  CO_TRY(ProbeAnswer answer, state_->answer_for(scope, read, max_age));
  const bool may_be_checked = read && read->mode == AuthMode::oauth_token && read->source && !state_->fault_of(*read);
  if (!may_be_checked || !state_->deps.sources.quick_check(*read->source)) co_return answer;
  const config::EffectiveAuth auth = *read;
  secrets::CredentialSource source = *auth.source;
  const auto seen = co_await state_->quick_checks.check(std::move(source));
  if (!seen && seen.error().reason == Reason::cancelled) co_return failure(seen.error());
  if (!seen && seen.error().reason == Reason::source_unreachable) {
    if (answer.decision != Decision::allow) co_return answer;
    answer.verdict = Verdict::unreachable;
    answer.decision = decision_for(answer.verdict);
    answer.summary = "the source could not be read: " + seen.error().message;
    answer.remedy = Remedy::check(scope);
    co_return answer;
  }
  Knowledge known = state_->memory.about(auth);
  Error fault;
  if (!seen) {
    fault = seen.error();
    fault.remedy = remedy_for_failure(fault, auth);
    if (fault.reason == Reason::source_gone) fault.message = gone_from_source(auth, fault.message);
    known.fault = &fault;
  } else if (answer.verdict == Verdict::gone || answer.verdict == Verdict::denied) {
    // The file was fixed since the check; its content is not known yet.
    known.health = nullptr;
  } else {
    co_return answer;
  }
  co_return decide(known, state_->deps.clock.now(), max_age.value_or(state_->deps.max_age));
}

ProbeAnswer Health::State::answer(const config::ScopeAuth& one) const {
  return one.auth ? answer(*one.auth) : broken(one.scope, one.auth.error());
}

Task<> Health::each_answer(EachAnswer each) {
  auto& configuration = state_->deps.configuration;
  const auto visit = [this, &configuration, &each](const std::string& name) {
    for (const auto& one : configuration.last_read().auths_of(name)) each(state_->answer(one));
  };
  const std::function<void(const std::string&)> visit_each = visit;
  co_return co_await config::each_workspace(configuration, visit_each);
}

Task<Overview> Health::overview(std::string workspace) {
  constexpr int most_walks = 3;
  auto& configuration = state_->deps.configuration;
  Overview all;
  std::map<std::string, std::vector<Scope>> users;
  const auto visit = [&](const std::string& name) {
    for (const auto& one : configuration.last_read().auths_of(name)) {
      if (one.auth && one.auth->source) {
        users[recorded_reference(secrets::reference_of(*one.auth->source))].push_back(one.scope);
      }
      if (workspace.empty() || name == workspace) all.answers.push_back(state_->answer(one));
    }
  };
  const std::function<void(const std::string&)> each = visit;
  std::size_t changes_before = 0;
  for (int walks = 0; walks == 0 || (walks < most_walks && configuration.global_changes() != changes_before); ++walks) {
    all = {};
    users.clear();
    // The last read of config.toml may be old.
    std::vector<std::string> none;
    co_await configuration.read(std::move(none));
    changes_before = configuration.global_changes();
    CO_TRY(co_await config::each_workspace(configuration, each));
  }
  for (auto& [reference, scopes] : users) {
    if (scopes.size() > 1) all.groups.push_back(std::move(scopes));
  }
  if (!workspace.empty() && all.answers.empty()) {
    // The configuration's error names the most similar workspaces.
    CO_TRY(const auto scope, Scope::workspace(workspace));
    CO_TRY(auto answer, co_await probe(scope));
    all.answers.push_back(std::move(answer));
  }
  co_return all;
}

Task<> Health::record(const state::TokenRecord& token, const UpstreamAnswer& upstream) {
  state_->memory.remember(token);
  if (state_->deps.cache != nullptr) state_->deps.cache->drop(token.reference);
  auto work = [this, token] { return state_->deps.database.put_token(token); };
  const auto saved = co_await state_->deps.pool.run(std::move(work));
  // A slot that cannot be read now is examined later.
  const auto auth = co_await state_->deps.configuration.effective(token.scope, config::Configuration::patient);
  if (!auth) co_return saved;
  Examination examination(*auth, state_->memory.about(*auth), state_->deps.clock.now());
  examination.source_returned(token.fingerprint);
  const bool was_asked = upstream.kind != ApiAnswer::unknown || !upstream.code.empty();
  if (was_asked) examination.api_answered(upstream);
  CO_TRY(co_await state_->remember(*auth, examination.record()));
  co_return saved;
}

std::optional<state::TokenRecord> Health::token_of(const Scope& scope) const {
  const auto* token = state_->memory.token_of(scope);
  return token == nullptr ? std::nullopt : std::optional(*token);
}

Task<> Health::forget(const Scope& scope) {
  const auto known = token_of(scope);
  if (known && state_->deps.cache != nullptr) state_->deps.cache->drop(known->reference);
  state_->memory.forget(scope);
  if (state_->deps.changed) state_->deps.changed();
  auto work = [this, scope]() -> Result<> {
    TRY(state_->deps.database.erase_token(scope));
    return state_->deps.database.erase_health(scope);
  };
  co_return co_await state_->deps.pool.run(std::move(work));
}

Task<std::vector<state::HandoutRecord>> still_handed_out(async::Pool& pool, state::Database& database) {
  // The pool's thread also reads the process table.
  auto work = [&database]() -> Result<std::vector<state::HandoutRecord>> {
    TRY(const auto handouts, database.handouts());
    std::vector<state::HandoutRecord> running;
    for (const auto& handout : handouts) {
      const bool known = std::any_of(running.begin(), running.end(),
                                     [&](const state::HandoutRecord& other) { return is_same(handout, other); });
      if (!known && runs_still(handout)) running.push_back(handout);
    }
    return running;
  };
  co_return co_await pool.run(std::move(work));
}

}  // namespace jackin::health
