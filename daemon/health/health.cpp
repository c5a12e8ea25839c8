#include "daemon/health/health.hpp"

#include <algorithm>
#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/health/examination.hpp"
#include "daemon/health/memory.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::health {

struct Health::State {
  Parts parts;
  Memory memory;

  ProbeAnswer answer(const config::EffectiveAuth& auth, std::optional<std::chrono::seconds> max_age = {}) const {
    return decide(memory.about(auth), parts.clock.now(), max_age.value_or(parts.max_age));
  }

  // In memory at once, whatever becomes of the disk.
  Task<> remember(state::HealthRecord record) {
    memory.remember(record);
    auto work = [this, record = std::move(record)] { return parts.database.put_health(record); };
    co_return co_await parts.pool.run(std::move(work));
  }
};

namespace {

// Whether the configuration itself is what keeps a scope from starting.
bool is_about_the_file(const Error& error) {
  return error.reason == Reason::config_invalid || error.reason == Reason::config_unreadable;
}

ProbeAnswer broken(const Scope& scope, const Error& error) {
  ProbeAnswer answer;
  answer.scope = scope;
  answer.verdict = Verdict::malformed;
  answer.decision = decision_for(answer.verdict);
  answer.summary = error.message;
  answer.remedy = error.remedy;
  answer.fresh = true;
  return answer;
}

// Whether a check after a launch says anything that the database should learn.
bool is_news(const state::HealthRecord* before, const state::HealthRecord& now) {
  return before == nullptr || before->slot_key != now.slot_key || before->source != now.source ||
         before->fingerprint != now.fingerprint || before->upstream != now.upstream;
}

}  // namespace

std::string_view to_text(FindingSeverity severity) {
  switch (severity) {
    case FindingSeverity::info:
      return "info";
    case FindingSeverity::warning:
      return "warning";
    case FindingSeverity::error:
      return "error";
  }
  return "error";
}

Health::Health(Parts parts) : state_(std::make_unique<State>(State{parts, {}})) {}
Health::~Health() = default;

Task<> Health::load() {
  auto read_tokens = [this] { return state_->parts.database.tokens(); };
  auto read_checks = [this] { return state_->parts.database.health(); };
  CO_TRY(auto tokens, co_await state_->parts.pool.run(std::move(read_tokens)));
  CO_TRY(auto checks, co_await state_->parts.pool.run(std::move(read_checks)));
  for (auto& token : tokens) state_->memory.remember(std::move(token));
  for (auto& check : checks) state_->memory.remember(std::move(check));
  co_return Result<>();
}

Result<ProbeAnswer> Health::probe(const Scope& scope, std::optional<std::chrono::seconds> max_age) {
  const auto auth = state_->parts.configuration.effective(scope);
  if (auth) return state_->answer(*auth, max_age);
  if (is_about_the_file(auth.error())) return broken(scope, auth.error());
  return failure(auth.error());
}

Result<std::vector<ProbeAnswer>> Health::overview(const std::string& workspace) {
  auto& configuration = state_->parts.configuration;
  TRY(const auto entries, configuration.scopes());
  std::vector<ProbeAnswer> answers;
  for (const auto& entry : entries) {
    if (!workspace.empty() && entry.scope.workspace_name() != workspace) continue;
    if (entry.error) {
      answers.push_back(broken(entry.scope, *entry.error));
      continue;
    }
    const auto auth = configuration.effective(entry.scope);
    answers.push_back(auth ? state_->answer(*auth) : broken(entry.scope, auth.error()));
  }
  if (!workspace.empty() && answers.empty()) {
    // The configuration knows how to say it, with the nearest names.
    TRY(const auto scope, Scope::workspace(workspace));
    TRY(auto answer, probe(scope));
    answers.push_back(std::move(answer));
  }
  return answers;
}

std::map<Scope, std::vector<Scope>> Health::sharing() {
  auto& configuration = state_->parts.configuration;
  const auto entries = configuration.scopes();
  if (!entries) return {};
  std::map<std::string, std::vector<Scope>> users;
  for (const auto& entry : *entries) {
    if (entry.error) continue;
    const auto auth = configuration.effective(entry.scope);
    if (auth && auth->source) users[secrets::reference_of(*auth->source)].push_back(entry.scope);
  }
  std::map<Scope, std::vector<Scope>> others;
  for (const auto& [reference, scopes] : users) {
    for (const auto& scope : scopes) {
      std::vector<Scope> rest;
      std::copy_if(scopes.begin(), scopes.end(), std::back_inserter(rest),
                   [&](const Scope& other) { return other != scope; });
      if (!rest.empty()) others.emplace(scope, std::move(rest));
    }
  }
  return others;
}

std::vector<Scope> Health::sharing(const Scope& scope) {
  const auto all = sharing();
  const auto found = all.find(scope);
  return found == all.end() ? std::vector<Scope>() : found->second;
}

Task<ScopeReport> Health::examine(const Scope& scope, const Environment& client, bool attended, bool offline) {
  const secrets::ResolveContext context{client, attended, false};
  const auto read = state_->parts.configuration.effective(scope);
  if (!read) {
    if (!is_about_the_file(read.error())) co_return failure(read.error());
    ScopeReport report;
    report.answer = broken(scope, read.error());
    report.findings.push_back(
        {FindingSeverity::error, std::string(to_code(read.error().reason)), read.error().message, read.error().remedy});
    co_return report;
  }
  const auto& auth = *read;
  Examination examination(auth, state_->memory.about(auth), state_->parts.clock.now());
  if (examination.has_something_to_ask()) {
    auto token = co_await state_->parts.sources.resolve(*auth.source, context);
    if (!token && token.error().reason == Reason::cancelled) co_return failure(std::move(token).error());
    if (token) {
      examination.saw(*token);
      if (examination.may_ask_the_api() && !offline && state_->parts.upstream.enabled()) {
        examination.heard(co_await state_->parts.upstream.check(*token));
      }
    } else {
      examination.failed(token.error());
    }
    const auto saved = co_await state_->remember(examination.record());
    if (!saved)
      examination.add({FindingSeverity::warning, "not_recorded", saved.error().message, saved.error().remedy});
  }
  co_return examination.report(state_->answer(auth));
}

Task<ResolvedToken> Health::resolve_for_launch(const Scope& scope, const Environment& client) {
  const secrets::ResolveContext context{client, true, false};
  CO_TRY(const auto auth, state_->parts.configuration.effective(scope));
  if (auth.mode != config::AuthMode::oauth_token || !auth.source) {
    co_return failure(Reason::slot_missing, "no token is configured for '" + printable(scope.str()) + "'",
                      "jackinctl setup " + scope.arguments());
  }
  Examination examination(auth, state_->memory.about(auth), state_->parts.clock.now());
  auto token = co_await state_->parts.sources.resolve(*auth.source, context);
  if (!token && token.error().reason == Reason::cancelled) co_return failure(std::move(token).error());
  if (token) {
    examination.saw(*token);
  } else {
    examination.failed(token.error());
  }
  const auto record = examination.record();
  if (is_news(state_->memory.about(auth).health, record)) {
    // A launch does not fail because the disk is full.
    static_cast<void>(co_await state_->remember(record));
  } else {
    state_->memory.remember(record);
  }
  if (!token) co_return failure(std::move(token).error());
  if (!examination.may_ask_the_api()) co_return failure(Reason::token_malformed, record.detail);
  ResolvedToken resolved;
  resolved.fingerprint = token->digest().fingerprint();
  resolved.token = *std::move(token);
  co_return resolved;
}

Task<> Health::record(const state::TokenRecord& token, const UpstreamAnswer& upstream) {
  state_->memory.remember(token);
  auto work = [this, token] { return state_->parts.database.put_token(token); };
  const auto saved = co_await state_->parts.pool.run(std::move(work));
  CO_TRY(const auto auth, state_->parts.configuration.effective(token.scope));
  Examination examination(auth, state_->memory.about(auth), state_->parts.clock.now());
  examination.saw(token.fingerprint);
  const bool was_asked = upstream.kind != UpstreamAnswer::Kind::unknown || !upstream.code.empty();
  if (was_asked) examination.heard(upstream);
  CO_TRY(co_await state_->remember(examination.record()));
  co_return saved;
}

std::optional<state::TokenRecord> Health::token_of(const Scope& scope) const {
  const auto* token = state_->memory.token_of(scope);
  return token == nullptr ? std::nullopt : std::optional(*token);
}

Task<> Health::forget(const Scope& scope) {
  state_->memory.forget(scope);
  auto work = [this, scope]() -> Result<> {
    TRY(state_->parts.database.erase_token(scope));
    return state_->parts.database.erase_health(scope);
  };
  co_return co_await state_->parts.pool.run(std::move(work));
}

}  // namespace jackin::health
