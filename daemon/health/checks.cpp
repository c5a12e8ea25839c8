// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "common/claude.hpp"
#include "common/recorded_reference.hpp"
#include "common/untrusted_text.hpp"
#include "common/words.hpp"
#include "daemon/async/loops.hpp"
#include "daemon/async/within.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/health/health_state.hpp"
#include "daemon/health/remedies.hpp"
#include "daemon/secrets/credential_source.hpp"

// The functions of Health that ask sources and the API: doctor, launches and refreshes.

namespace jackin::health {
namespace {

// The number of sources that are read in parallel. Sources of one 1Password account are still read in sequence.
constexpr std::size_t asked_at_once = 8;

// Without a request by a client, the daemon asks the API about a token at most once a day.
constexpr auto api_interval = std::chrono::hours(24);

bool has_source(const config::EffectiveAuth& auth) {
  return auth.mode == AuthMode::oauth_token && auth.source.has_value();
}

// Whether a check can read the source. Only a launch knows the environment that it is started in.
bool can_be_checked(const config::EffectiveAuth& auth) {
  return has_source(auth) && !std::holds_alternative<secrets::ClientEnvSource>(*auth.source);
}

// The longest time that a launch waits for its observations to reach the disk.
constexpr auto saving_limit = std::chrono::milliseconds(200);

// Whether the database needs an update after a launch: the check of the launch differs from the recorded one.
bool needs_update(const state::HealthRecord* before, const state::HealthRecord& now) {
  return before == nullptr || before->slot_key != now.slot_key || before->source != now.source ||
         before->fingerprint != now.fingerprint || before->upstream != now.upstream;
}

std::string named(const state::HandoutRecord& handout) {
  return printable(handout.command.empty() ? std::string("a process") : handout.command, 60) + " (pid " +
         std::to_string(handout.pid) + ")";
}

// Adds the processes that run with this scope's token, and those that run with an older one.
void add_holders(ScopeReport& report, const std::vector<state::HandoutRecord>& handouts) {
  std::string with_it;
  std::string with_another;
  std::vector<std::int64_t> pids;
  for (const auto& handout : handouts) {
    if (handout.scope != report.answer.scope || handout.elsewhere) continue;
    const bool has_it = handout.fingerprint == report.answer.fingerprint;
    if (!has_it) pids.push_back(handout.pid);
    std::string& names = has_it ? with_it : with_another;
    names += (names.empty() ? "" : ", ") + named(handout);
  }
  if (!with_it.empty()) {
    report.findings.push_back({Severity::info, "handed_out", "processes with this token: " + with_it, {}});
  }
  if (!with_another.empty()) {
    report.findings.push_back(
        {Severity::warning, "old_token_running", "processes with an old token: " + with_another,
         Remedy::of_processes(RemedyAction::end_processes, std::move(pids)).noting("and start them again")});
  }
}

// A role without a file uses its workspace's token and is reported with the workspace.
asio::awaitable<void> give_to_workspaces(std::vector<state::HandoutRecord>& handouts,
                                         config::Configuration& configuration) {
  std::set<std::string> with_role;
  for (const auto& handout : handouts) {
    if (handout.scope.has_role()) with_role.insert(handout.scope.workspace_name());
  }
  if (with_role.empty()) co_return;
  std::vector<std::string> workspaces(with_role.begin(), with_role.end());
  co_await configuration.read(std::move(workspaces));
  for (auto& handout : handouts) {
    if (!handout.scope.has_role()) continue;
    const std::string& workspace = handout.scope.workspace_name();
    const auto entries = configuration.last_read().scopes_of(workspace);
    const bool is_known = std::any_of(entries.begin(), entries.end(),
                                      [&](const config::ScopeEntry& entry) { return entry.scope == handout.scope; });
    const auto scope = is_known ? std::nullopt : std::optional(Scope::workspace(workspace));
    if (scope && *scope) handout.scope = **scope;
  }
}

void add_history(ScopeReport& report, const Result<std::vector<state::HistoryRecord>>& history) {
  if (!history || history->empty()) return;
  const Verdict verdict = history->front().verdict;
  // `unchecked` in between is not another verdict: the slot was edited and then restored.
  const auto before = std::find_if(history->begin(), history->end(),
                                   [&](const state::HistoryRecord& record) { return record.verdict != verdict; });
  if (before == history->end()) return;
  std::string message = std::string(word_of(verdict)) + " since " + format_moment(std::prev(before)->at) +
                        "; before that it was " + std::string(word_of(before->verdict));
  report.findings.push_back({Severity::info, "history", std::move(message), {}});
}

// `what` and the error of the database.
void add_unreadable(ScopeReport& report, std::string code, std::string_view what, const Error& error) {
  report.findings.push_back(
      {Severity::warning, std::move(code), std::string(what) + " cannot be read: " + error.message, error.remedy});
}

ScopeReport broken_report(const Scope& scope, const Error& error) {
  ScopeReport report;
  report.answer = broken(scope, error);
  report.findings.push_back({Severity::error, std::string(to_code(error.reason)), error.message, error.remedy});
  return report;
}

}  // namespace

Task<ScopeReport> Health::examine(const Scope& scope, const Environment& client, bool attended, bool offline) {
  const secrets::ResolveContext context{client, attended, false};
  const auto read = co_await state_->deps.configuration.effective(scope, config::Configuration::patient);
  if (!read) {
    if (!is_about_the_file(read.error())) co_return failure(read.error());
    co_return broken_report(scope, read.error());
  }
  const config::EffectiveAuth auth = *read;
  ScopeReport report;
  if (can_be_checked(auth)) {
    const Asked asked = co_await state_->ask_if_trusted(auth, context, !offline);
    if (asked.was_cancelled()) co_return failure(asked.token.error());
    Examination examination(auth, state_->memory.about(auth), state_->deps.clock.now());
    add_observations(examination, asked);
    auto saved = co_await state_->remember(auth, examination.record());
    if (saved) saved = co_await state_->learn_organisation(auth, asked);
    if (!saved) {
      examination.add({Severity::warning, "not_recorded", saved.error().message, saved.error().remedy});
    }
    report = examination.report(state_->answer(auth));
    auto work = [this, key = auth.key] { return state_->deps.database.history(key); };
    const auto history = co_await state_->deps.pool.run(std::move(work));
    add_history(report, history);
  } else {
    Examination examination(auth, state_->memory.about(auth), state_->deps.clock.now());
    report = examination.report(state_->answer(auth));
  }
  auto handouts = co_await still_handed_out(state_->deps.pool, state_->deps.database);
  if (handouts) co_await give_to_workspaces(*handouts, state_->deps.configuration);
  if (handouts) add_holders(report, *handouts);
  co_return report;
}

Task<ScopeDetails> Health::details(Scope scope) {
  ScopeDetails details;
  const auto read = co_await state_->deps.configuration.effective(scope);
  if (!read) {
    if (!is_about_the_file(read.error())) co_return failure(read.error());
    details.report = broken_report(scope, read.error());
    co_return details;
  }
  const config::EffectiveAuth auth = *read;
  const Knowledge known = state_->memory.about(auth);
  if (known.token != nullptr) details.recorded_at = known.token->recorded_at;
  Examination examination(auth, known, state_->deps.clock.now());
  details.report = examination.report(state_->answer(auth));
  if (auth.source) {
    details.file = auth.source_name;
    const std::string reference = recorded_reference(secrets::reference_of(*auth.source));
    const auto visit = [&](const std::string& name) {
      for (const auto& one : state_->deps.configuration.last_read().auths_of(name)) {
        const bool is_same = one.scope != scope && one.auth && one.auth->source &&
                             recorded_reference(secrets::reference_of(*one.auth->source)) == reference;
        if (is_same) details.shared_with.push_back(one.scope);
      }
    };
    const std::function<void(const std::string&)> visit_each = visit;
    CO_TRY(co_await config::each_workspace(state_->deps.configuration, visit_each));
    auto work = [this, key = auth.key] { return state_->deps.database.history(key); };
    auto history = co_await state_->deps.pool.run(std::move(work));
    if (history) details.history = *std::move(history);
    if (!history) add_unreadable(details.report, "history_unreadable", "the earlier states", history.error());
  }
  auto handouts = co_await still_handed_out(state_->deps.pool, state_->deps.database);
  if (!handouts) {
    add_unreadable(details.report, "holders_unreadable", "the list of processes with the token", handouts.error());
    co_return details;
  }
  co_await give_to_workspaces(*handouts, state_->deps.configuration);
  for (auto& handout : *handouts) {
    if (handout.scope == scope && !handout.elsewhere) details.holders.push_back(std::move(handout));
  }
  co_return details;
}

Task<> Health::examine_all(const Environment& client, bool attended, bool offline, EachReport each, Progress progress) {
  auto handouts = co_await still_handed_out(state_->deps.pool, state_->deps.database);
  if (handouts) co_await give_to_workspaces(*handouts, state_->deps.configuration);
  const auto report_each = [&](ScopeReport report) {
    if (handouts) add_holders(report, *handouts);
    each(report);
  };
  // Groups the scopes that share a source, in the order of each group's first scope.
  std::vector<std::vector<config::EffectiveAuth>> groups;
  std::map<std::string, std::size_t> known;
  const auto visit_scope = [&](config::ScopeAuth one) {
    auto& auth = one.auth;
    if (!auth) return report_each(broken_report(one.scope, auth.error()));
    if (!can_be_checked(*auth)) {
      const Examination examination(*auth, state_->memory.about(*auth), state_->deps.clock.now());
      return report_each(Examination(examination).report(state_->answer(*auth)));
    }
    // A command runs once, even when several files name it.
    const bool is_command = std::holds_alternative<secrets::CommandSource>(*auth->source);
    const std::string once = is_command ? secrets::reference_of(*auth->source) : auth->key;
    const auto [at, is_new] = known.try_emplace(once, groups.size());
    if (is_new) groups.emplace_back();
    groups[at->second].push_back(*std::move(auth));
  };
  const auto visit = [this, &visit_scope](const std::string& name) {
    for (auto& one : state_->deps.configuration.last_read().auths_of(name)) visit_scope(std::move(one));
  };
  const std::function<void(const std::string&)> visit_each = visit;
  CO_TRY(co_await config::each_workspace(state_->deps.configuration, visit_each));

  std::size_t done = 0;
  bool cancelled = false;
  const secrets::ResolveContext context{client, attended, false};
  const auto work = [&](std::size_t index) -> asio::awaitable<void> {
    const auto& group = groups[index];
    progress(done, groups.size(), group.front().scope.str());
    std::optional<Asked> of_source;
    std::set<std::string> recorded;
    std::optional<Finding> not_recorded;
    async::Slices slices;
    for (const auto& auth : group) {
      const bool goes_on = co_await slices.step();
      if (!goes_on) {
        cancelled = true;
        co_return;
      }
      Asked refused;
      auto trusted = co_await state_->expect_trusted(auth);
      if (!trusted) {
        refused.token = failure(std::move(trusted).error());
      } else if (!of_source) {
        of_source = co_await state_->ask(auth, context, !offline);
      }
      const Asked& asked = trusted ? *of_source : refused;
      if (asked.was_cancelled()) {
        cancelled = true;
        co_return;
      }
      Examination examination(auth, state_->memory.about(auth), state_->deps.clock.now());
      add_observations(examination, asked);
      // All scopes with the same slot content share one record.
      Result<> saved;
      if (recorded.insert(auth.key).second) saved = co_await state_->remember(auth, examination.record());
      if (saved) saved = co_await state_->learn_organisation(auth, asked);
      if (!saved) {
        not_recorded = Finding{Severity::warning, "not_recorded", saved.error().message, saved.error().remedy};
      }
      if (not_recorded) examination.add(*not_recorded);
      report_each(examination.report(state_->answer(auth)));
    }
    ++done;
  };
  const std::function<asio::awaitable<void>(std::size_t)> one = work;
  const bool all_ran = co_await async::parallel_for(groups.size(), asked_at_once, one);
  if (!all_ran || cancelled) co_return failure(Reason::cancelled, "the check was stopped");
  co_return Result<>();
}

Task<> Health::refresh(const Scope& scope, const Environment& own) {
  CO_TRY(const auto auth, co_await state_->deps.configuration.effective(scope));
  if (!has_source(auth)) co_return Result<>();
  if (state_->deps.sources.may_prompt(*auth.source)) {
    co_return failure(Reason::unsupported, "its store may have to prompt you");
  }
  const auto* const last = counting(state_->memory.about(auth).health, auth);
  const bool api_is_due =
      last == nullptr || !last->upstream_at || !is_within(*last->upstream_at, state_->deps.clock.now(), api_interval);
  const secrets::ResolveContext context{own, false, false};
  Asked asked = co_await state_->ask_if_trusted(auth, context, api_is_due);
  if (asked.was_cancelled()) co_return failure(asked.token.error());
  // The API's last answer was about another token. A launch would not ask either: by then the token has been recorded.
  if (asked.token && !asked.upstream && shape_of(asked.token->view()) != TokenShape::not_a_token &&
      state_->is_new_to_the_api(auth, *asked.token)) {
    asked.upstream = co_await state_->deps.upstream.check(*asked.token);
  }
  Examination examination(auth, state_->memory.about(auth), state_->deps.clock.now());
  add_observations(examination, asked);
  CO_TRY(co_await state_->remember(auth, examination.record()));
  co_return co_await state_->learn_organisation(auth, asked);
}

Task<ResolvedToken> Health::resolve_for_launch(const Scope& scope, const Environment& client,
                                               std::optional<secrets::ClientVariable> variable) {
  const secrets::ResolveContext context{client, true, false, std::move(variable)};
  CO_TRY(const auto auth, co_await state_->deps.configuration.effective(scope, config::Configuration::patient));
  if (!has_source(auth)) {
    co_return failure(Reason::slot_missing, "no token is configured for '" + printable(scope.str()) + "'",
                      Remedy::setup(scope));
  }
  // A certain failure, known without asking the source. The probe reports the same.
  if (auto fault = state_->fault_of(auth)) co_return failure(*std::move(fault));
  ResolvedToken resolved;
  auto* const cache = state_->deps.cache;
  const auto inputs = co_await state_->inputs_if_kept(auth, context);
  // A blocked token is checked again: the user may have fixed the cause.
  const bool is_blocked = state_->answer(auth).decision == Decision::block;
  if (inputs && !is_blocked) {
    if (auto token = cache->find(*auth.source, *inputs)) {
      resolved.fingerprint = token->digest().fingerprint();
      resolved.token = *std::move(token);
      co_return resolved;
    }
  }
  const std::uint64_t drops = cache != nullptr ? cache->drops() : 0;
  Asked asked;
  if (auto trusted = co_await state_->expect_trusted(auth); !trusted) {
    asked.token = failure(std::move(trusted).error());
  } else {
    asked.token = co_await state_->deps.sources.resolve(*auth.source, context);
  }
  if (asked.was_cancelled()) co_return failure(std::move(asked.token).error());
  if (asked.token && state_->is_new_to_the_api(auth, *asked.token)) {
    asked.upstream = co_await state_->deps.upstream.check(*asked.token);
  }
  Examination examination(auth, state_->memory.about(auth), state_->deps.clock.now());
  add_observations(examination, asked);
  const auto record = examination.record();
  bool database_answers = true;
  if (needs_update(state_->memory.about(auth).health, record)) {
    // A launch neither fails on a full disk nor waits for a locked database.
    auto saving = state_->remember_copies(auth, record);
    const auto saved = co_await async::within(state_->deps.clock, saving_limit, std::move(saving));
    database_answers = saved.has_value();
  } else {
    state_->remember_for_now(auth, record);
  }
  auto learned = database_answers ? state_->with_organisation(auth, asked) : std::nullopt;
  if (learned) {
    // The launch does not wait for it. If it fails, a check after the next start records it.
    const auto executor = co_await asio::this_coro::executor;
    asio::co_spawn(executor, state_->save(*std::move(learned)), asio::detached);
  }
  if (!asked.token) {
    Error error = std::move(asked.token).error();
    error.remedy = remedy_for_failure(error, auth);
    co_return failure(std::move(error));
  }
  if (!examination.may_ask_the_api())
    co_return failure(Reason::token_malformed, record.detail, remedy_for_content(auth));
  // A `lock` or a rotation during the read also applies to this token.
  const bool may_be_kept = inputs && cache->drops() == drops && record.upstream != ApiAnswer::rejected;
  if (may_be_kept) cache->keep(*auth.source, *inputs, *asked.token);
  resolved.fingerprint = asked.token->digest().fingerprint();
  resolved.token = *std::move(asked.token);
  co_return resolved;
}

}  // namespace jackin::health
