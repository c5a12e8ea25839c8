// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/health_state.hpp"

#include <utility>
#include <variant>

#include "common/claude.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/text_file.hpp"

// How a source and the API are asked, and how the results are recorded.

namespace jackin::health {
namespace {

// The pause after the API could not judge a new token, before a launch asks again.
constexpr auto api_pause = std::chrono::minutes(10);

}  // namespace

bool is_within(Moment then, Moment now, std::chrono::seconds span) {
  return then <= now && now - then < span;
}

void add_observations(Examination& examination, const Asked& asked) {
  if (!asked.token) return examination.source_failed(asked.token.error());
  examination.source_returned(*asked.token);
  if (asked.upstream) examination.api_answered(*asked.upstream);
  if (asked.expires_on) examination.set_expiry(*asked.expires_on);
}

Task<> Health::State::expect_trusted(const config::EffectiveAuth& auth) {
  if (!std::holds_alternative<secrets::CommandSource>(*auth.source)) co_return Result<>();
  const std::string name = config::name_of(auth.source_file, deps.configuration.paths());
  const auto danger = co_await deps.configuration.danger_to(auth.source_file, auth.source_ownership);
  if (!danger) {
    co_return failure(Reason::source_unreachable,
                      "cannot tell whether other users can write " + name + ": its file system does not answer",
                      Remedy::try_again("when " + printable(auth.source_file.string()) + " answers again"));
  }
  if (!*danger) co_return Result<>();
  co_return failure(config::refused("the command in " + name + " is not run", **danger));
}

asio::awaitable<std::optional<secrets::Inputs>> Health::State::inputs_if_kept(const config::EffectiveAuth& auth,
                                                                              const secrets::ResolveContext& context) {
  if (deps.cache == nullptr || !deps.cache->caches(*auth.source)) co_return std::nullopt;
  const auto inputs = co_await deps.sources.inputs(*auth.source, context);
  if (!inputs) co_return std::nullopt;
  co_return *inputs;
}

asio::awaitable<Asked> Health::State::ask(const config::EffectiveAuth& auth, const secrets::ResolveContext& context,
                                          bool with_api) {
  Asked asked;
  if (auto fault = fault_of(auth)) {
    asked.token = failure(*std::move(fault));
    co_return asked;
  }
  auto seen = co_await deps.sources.resolve_with_expiry(*auth.source, context);
  if (!seen) {
    asked.token = failure(std::move(seen).error());
    co_return asked;
  }
  asked.token = std::move(seen->token);
  asked.expires_on = seen->expires_on;
  const auto inputs = co_await inputs_if_kept(auth, context);
  if (inputs && deps.cache->find(*auth.source, *inputs)) deps.cache->keep(*auth.source, *inputs, *asked.token);
  const bool may_ask = with_api && deps.upstream.enabled() && shape_of(asked.token->view()) != TokenShape::not_a_token;
  if (may_ask) asked.upstream = co_await deps.upstream.check(*asked.token);
  co_return asked;
}

asio::awaitable<Asked> Health::State::ask_if_trusted(const config::EffectiveAuth& auth,
                                                     const secrets::ResolveContext& context, bool with_api) {
  auto trusted = co_await expect_trusted(auth);
  if (trusted) co_return co_await ask(auth, context, with_api);
  Asked refused;
  refused.token = failure(std::move(trusted).error());
  co_return refused;
}

bool Health::State::is_new_to_the_api(const config::EffectiveAuth& auth, const Secret& token) const {
  if (!deps.upstream.enabled()) return false;
  const auto known = memory.about(auth);
  const auto* const last = counting(known.health, auth);
  const auto fingerprint = token.digest().fingerprint();
  const bool was_seen = last != nullptr && last->fingerprint == fingerprint;
  if (was_seen && (last->upstream == ApiAnswer::valid || last->upstream == ApiAnswer::rejected)) return false;
  const bool asked_just_now =
      was_seen && last->upstream == ApiAnswer::unknown && is_within(last->checked_at, deps.clock.now(), api_pause);
  if (asked_just_now) return false;
  const bool differs_from_record = known.token != nullptr && known.token->fingerprint != fingerprint;
  const bool differs_from_last = last != nullptr && last->fingerprint && *last->fingerprint != fingerprint;
  return differs_from_record || differs_from_last;
}

// The record, and copies of it for other scopes where they are needed to make it effective. After the clock was set
// back, earlier checks have later times until the clock has caught up.
std::vector<state::HealthRecord> Health::State::to_remember(const state::HealthRecord& record) const {
  std::vector<state::HealthRecord> records{record};
  for (const Scope& scope : memory.checked_after(record.slot_key, record.checked_at)) {
    if (scope == record.scope) continue;
    records.push_back(record);
    records.back().scope = scope;
  }
  return records;
}

void Health::State::remember_for_now(const config::EffectiveAuth& auth, const state::HealthRecord& record) {
  const Verdict before = answer(auth).verdict;
  for (auto& each : to_remember(record)) memory.remember(std::move(each));
  if (deps.changed && answer(auth).verdict != before) deps.changed();
}

Task<> Health::State::remember(const config::EffectiveAuth& auth, const state::HealthRecord& record) {
  const ProbeAnswer before = answer(auth);
  auto records = to_remember(record);
  for (const auto& each : records) memory.remember(each);
  const ProbeAnswer now = answer(auth);
  if (deps.changed) deps.changed();
  state::HistoryRecord change{auth.key, now.verdict, printable(now.summary, 300), deps.clock.now()};
  const bool is_change = before.verdict != now.verdict;
  auto work = [this, records = std::move(records), change = std::move(change), is_change]() -> Result<> {
    for (const auto& each : records) {
      TRY(deps.database.put_health(each));
    }
    return is_change ? deps.database.add_history(change) : Result<>();
  };
  co_return co_await deps.pool.run(std::move(work));
}

Task<> Health::State::remember_copies(config::EffectiveAuth auth, state::HealthRecord record) {
  co_return co_await remember(auth, record);
}

std::optional<state::TokenRecord> Health::State::with_organisation(const config::EffectiveAuth& auth,
                                                                   const Asked& asked) {
  const bool is_confirmed = asked.token && asked.upstream && asked.upstream->kind == ApiAnswer::valid;
  if (!is_confirmed || asked.upstream->organization.empty()) return std::nullopt;
  const auto* const known = memory.about(auth).token;
  if (known == nullptr || !known->organization.empty()) return std::nullopt;
  if (known->fingerprint != asked.token->digest().fingerprint()) return std::nullopt;
  state::TokenRecord token = *known;
  token.organization = asked.upstream->organization;
  memory.remember(token);
  return token;
}

Task<> Health::State::save(state::TokenRecord token) {
  // `work` may outlive this object, because a launch does not wait for it.
  auto work = [&database = deps.database, token = std::move(token)] { return database.put_token(token); };
  co_return co_await deps.pool.run(std::move(work));
}

Task<> Health::State::learn_organisation(const config::EffectiveAuth& auth, const Asked& asked) {
  auto token = with_organisation(auth, asked);
  if (!token) co_return Result<>();
  co_return co_await save(*std::move(token));
}

}  // namespace jackin::health
