// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/revoke.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/remedy.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/auth_keys.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/writer.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/lifecycle/operation.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/remaining_items.hpp"
#include "daemon/lifecycle/request_check.hpp"
#include "daemon/lifecycle/usage.hpp"
#include "daemon/secrets/op_reference.hpp"

namespace jackin::lifecycle {
namespace {

using Outcomes = std::vector<RevokeOutcome>;
using Each = Revoke::Each;

/// A token that is revoked, and the layers that name it.
struct RevokedToken {
  secrets::CredentialSource source;
  std::string reference;
  std::string place;                       ///< As text for users.
  std::vector<Scope> scopes;               ///< The scopes that the outcomes name.
  std::vector<config::AuthKeys> layers{};  ///< Of these scopes; none: an earlier revocation has cleared them.
  std::optional<Fingerprint> fingerprint{};
  bool is_jackins = false;  ///< jackin created its item for the one scope whose deletion the user requested.

  bool was_left() const { return layers.empty(); }
};

Outcomes outcomes_about(const std::vector<Scope>& scopes) {
  Outcomes outcomes;
  for (const Scope& scope : scopes) outcomes.emplace_back().scope = scope;
  return outcomes;
}

/// The steps that revoke the shared token of several scopes. The operation holds the first of them.
class RevokeSteps {
 public:
  /// All arguments must outlive the steps.
  RevokeSteps(Dependencies& deps, const RevokeRequest& request, const std::vector<Scope>& scopes, Operation& operation)
      : deps_(deps), request_(request), scopes_(scopes), operation_(operation) {}

  Task<Outcomes> run();

 private:
  Task<std::optional<RevokedToken>> hold_configured(bool is_any_left);
  Task<Outcomes> revoke(RevokedToken token);
  Task<Outcomes> delete_left(const std::vector<state::RemainingItem>& left);
  Task<Outcomes> report_only(const std::vector<state::RemainingItem>& left);
  std::optional<RevokedToken> token_left(const state::RemainingItem& item) const;
  Result<> work_on(const RevokedToken& token);
  Task<> expect_deletable(RevokedToken& token);
  Task<> remember_what_remains(const RevokedToken& token);
  Task<Outcomes> clear(const RevokedToken& token);
  asio::awaitable<Outcome> delete_item(const RevokedToken& token, Outcomes& outcomes);
  asio::awaitable<void> close(Outcome outcome);
  asio::awaitable<void> report_remaining(const RevokedToken& token, Outcomes& outcomes);

  Dependencies& deps_;
  const RevokeRequest& request_;
  const std::vector<Scope>& scopes_;
  Operation& operation_;
};

Task<Outcomes> RevokeSteps::run() {
  CO_TRY(const auto left, co_await remaining_of(deps_, scopes_.front()));
  CO_TRY(auto token, co_await hold_configured(!left.empty()));
  if (token) co_return co_await revoke(*std::move(token));
  if (request_.delete_item) co_return co_await delete_left(left);
  co_return co_await report_only(left);
}

// Holds the scopes and the token that their own layers name. Nothing when there is no token to clear: the scope is
// already revoked, or has only items that earlier revocations left. Errors: slot_missing, unknown_workspace,
// config_invalid, config_unreadable, busy.
Task<std::optional<RevokedToken>> RevokeSteps::hold_configured(bool is_any_left) {
  const bool may_be_left = request_.delete_item && is_any_left;
  std::optional<RevokedToken> token;
  for (const Scope& scope : scopes_) {
    CO_TRY(operation_.lease().hold_scope(scope));
    auto layer = co_await deps_.configuration.layer(scope);
    // A remaining item can be deleted even when the scope's file is gone.
    const bool is_gone = !layer && layer.error().reason == Reason::unknown_workspace;
    if (is_gone && may_be_left) continue;
    if (!layer) co_return failure(std::move(layer).error());
    if (layer->keys == config::AuthKeys::revoked()) continue;
    if (!holds_a_token(layer->keys)) {
      if (may_be_left) continue;
      co_return failure(no_token_of_its_own(deps_.configuration, scope, RemedyAction::revoke));
    }
    if (!token) {
      const auto& source = *layer->keys.source();
      token = RevokedToken{source, deps_.configuration.reference_of(source), secrets::describe(source), {}};
    }
    token->scopes.push_back(scope);
    token->layers.push_back(std::move(layer->keys));
  }
  if (!token) co_return token;
  CO_TRY(work_on(*token));
  operation_.detail.others.assign(token->scopes.begin() + 1, token->scopes.end());
  const auto known = deps_.health.token_of(token->scopes.front());
  if (known && known->reference == token->reference) token->fingerprint = known->fingerprint;
  co_return token;
}

Task<Outcomes> RevokeSteps::revoke(RevokedToken token) {
  CO_TRY(co_await expect_deletable(token));
  CO_TRY(co_await operation_.open());
  auto outcomes = co_await clear(token);
  auto end = outcomes ? Outcome::done : Outcome::failed;
  if (outcomes && request_.delete_item) end = co_await delete_item(token, *outcomes);
  co_await close(end);
  if (outcomes) co_await report_remaining(token, *outcomes);
  co_return outcomes;
}

// Deletes the items that earlier revocations of the scope left, each in an operation of its own for the journal.
Task<Outcomes> RevokeSteps::delete_left(const std::vector<state::RemainingItem>& left) {
  Outcomes outcomes = outcomes_about(scopes_);
  std::optional<RevokedToken> token;
  bool has_begun = false;
  for (const auto& item : left) {
    auto next = token_left(item);
    if (!next) continue;
    token = std::move(next);
    CO_TRY(work_on(*token));
    CO_TRY(co_await expect_deletable(*token));
    if (has_begun) {
      CO_TRY(co_await operation_.open_another());
    } else {
      CO_TRY(co_await operation_.open());
    }
    has_begun = true;
    const auto end = co_await delete_item(*token, outcomes);
    co_await close(end);
    const bool has_failed =
        std::any_of(outcomes.begin(), outcomes.end(), [](const auto& outcome) { return outcome.error.has_value(); });
    if (has_failed) break;
  }
  if (token) co_await report_remaining(*token, outcomes);
  co_return outcomes;
}

// The scope is revoked already, and nothing is to be deleted.
Task<Outcomes> RevokeSteps::report_only(const std::vector<state::RemainingItem>& left) {
  Outcomes outcomes = outcomes_about(scopes_);
  for (const auto& item : left) {
    const auto token = token_left(item);
    if (!token) continue;
    CO_TRY(work_on(*token));
    co_await report_remaining(*token, outcomes);
    break;
  }
  co_return outcomes;
}

// Nothing when the item's place cannot be parsed.
std::optional<RevokedToken> RevokeSteps::token_left(const state::RemainingItem& item) const {
  auto source = source_of(item.reference, item.account);
  if (!source) return std::nullopt;
  RevokedToken token{*std::move(source), {}, item.place, scopes_};
  token.reference = deps_.configuration.reference_of(token.source);
  return token;
}

// Records the token in the journal's details, and holds it. Errors: busy.
Result<> RevokeSteps::work_on(const RevokedToken& token) {
  auto& detail = operation_.detail;
  detail.old_reference = token.reference;
  detail.old_place = token.place;
  const auto* const op = std::get_if<secrets::OpSource>(&token.source);
  detail.old_account = op == nullptr ? std::string() : op->account;
  detail.delete_old = request_.delete_item;
  detail.even_not_ours = request_.delete_item && request_.force;
  detail.slots_done = token.was_left();
  return operation_.lease().hold_item(token.reference);
}

// Checks that the stored item may be deleted, if that was requested. Errors: unsupported, not_ours, invalid_argument,
// those of the store's query.
Task<> RevokeSteps::expect_deletable(RevokedToken& token) {
  if (!request_.delete_item) co_return Result<>();
  const std::string& name = token.place;
  const Remedy without = Remedy::of(RemedyAction::revoke, scopes_.front());
  auto* const store = store_for(deps_.stores, token.source);
  if (store == nullptr) {
    co_return failure(Reason::unsupported, "no stored item to delete: the token comes from " + name, without);
  }
  if (const auto* const op = std::get_if<secrets::OpSource>(&token.source)) {
    const auto reference = secrets::parse_op_reference(op->reference);
    if (!reference) co_return failure(Reason::config_invalid, reference.error().message, without);
  }
  CO_TRY(Users users, co_await users_of_item(deps_, token.source, request_.client));
  if (!token.was_left()) {
    std::erase_if(users.scopes, [&](const Scope& user) {
      return std::find(token.scopes.begin(), token.scopes.end(), user) != token.scopes.end();
    });
  }
  if (users.any()) {
    co_return failure(
        Reason::not_ours,
        name + " is not deleted: " + known_users(users) + (is_one(users) ? " uses it too" : " use it too"), without);
  }
  if (users.may_be_more()) {
    co_return failure(Reason::config_unreadable,
                      name + " is not deleted: " + unknown_users(users) + " cannot be read and might still use it",
                      why_unknown(deps_.configuration, users));
  }
  if (request_.force) co_return Result<>();
  const bool adopted =
      !token.was_left() && std::all_of(token.scopes.begin(), token.scopes.end(), [&](const Scope& scope) {
        return is_adopted(deps_.health, scope, token.reference);
      });
  bool ours = !adopted;
  if (ours) {
    CO_TRY(ours, co_await store->is_ours(token.source, request_.client));
  }
  if (ours) co_return Result<>();
  if (!request_.all) {
    CO_TRY(token.is_jackins, co_await store->is_jackins(token.source, scopes_.front(), request_.client));
  }
  operation_.detail.even_not_ours = token.is_jackins;
  if (token.is_jackins) co_return Result<>();
  co_return failure(Reason::not_ours, name + " was not created by jackind and is not deleted",
                    Remedy::of(RemedyAction::delete_foreign_token, scopes_.front()));
}

// Records what remains, so that it can be deleted later and doctor can list it.
Task<> RevokeSteps::remember_what_remains(const RevokedToken& token) {
  const auto* const store = store_for(deps_.stores, token.source);
  if (store == nullptr) co_return Result<>();
  std::vector<state::RemainingItem> items;
  for (const Scope& scope : token.scopes) {
    if (is_adopted(deps_.health, scope, token.reference)) continue;
    items.push_back({scope, token.reference, operation_.detail.old_account, store->kind(), token.place,
                     token.fingerprint, deps_.clock.now()});
  }
  auto work = [&database = deps_.database, items = std::move(items)] { return database.put_remaining(items); };
  co_return co_await deps_.pool.run(std::move(work));
}

// Writes the configuration, and deletes the records of the token. Fails when nothing was written. A scope that keeps
// its token while others lose it has that error in its outcome.
Task<Outcomes> RevokeSteps::clear(const RevokedToken& token) {
  const Step step = Step::clear;
  CO_TRY(co_await operation_.record(step));
  CO_TRY(co_await remember_what_remains(token));
  operation_.enter(step);
  // A started revocation runs to its end, even if the client disconnects.
  co_await operation_.run_to_the_end();
  // After the slots are cleared, this information is lost: which scopes had the token from them.
  std::vector<std::vector<Scope>> launched;
  for (const Scope& scope : token.scopes) {
    auto from_it = co_await launched_with_that_of(deps_, scope);
    launched.push_back(std::move(from_it));
  }
  Outcomes outcomes = outcomes_about(token.scopes);
  bool any = false;
  for (std::size_t i = 0; i < token.scopes.size(); ++i) {
    config::SlotChange change{token.scopes[i], config::AuthKeys::revoked(), token.layers[i], std::nullopt};
    auto work = [&paths = deps_.paths, change = std::move(change)] { return config::write_slot(paths, change); };
    auto written = co_await deps_.writers.run(std::move(work));
    if (written) {
      any = true;
      outcomes[i].cleared = true;
    } else if (!any && i == 0) {
      co_return failure(std::move(written).error());
    } else {
      outcomes[i].error = std::move(written).error();
    }
  }
  operation_.enter(Step::forget);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    RevokeOutcome& outcome = outcomes[i];
    if (!outcome.cleared) continue;
    outcome.is_adopted = is_adopted(deps_.health, outcome.scope, token.reference);
    const auto forgotten = co_await deps_.health.forget(outcome.scope);
    if (!forgotten) {
      outcome.notices.push_back({Severity::warning, "its expiry is still recorded: " + forgotten.error().message, {}});
    }
    outcome.holders = co_await holders_of(deps_, launched[i], std::nullopt, std::nullopt);
  }
  co_return outcomes;
}

// How the operation ends: done, also when the item was kept for a reason; or stuck.
asio::awaitable<Outcome> RevokeSteps::delete_item(const RevokedToken& token, Outcomes& outcomes) {
  auto& detail = operation_.detail;
  const auto counts = [&token](const RevokeOutcome& outcome) { return outcome.cleared || token.was_left(); };
  detail.slots_done = std::all_of(outcomes.begin(), outcomes.end(), counts);
  co_await operation_.run_to_the_end();
  auto kept = co_await still_used(deps_, token.source, request_.client);
  if (!kept) {
    const Step step = Step::delete_item;
    const auto announced = co_await operation_.record(step);
    operation_.enter(step);
    const auto removal =
        request_.force || token.is_jackins ? secrets::Removal::whatever_it_is : secrets::Removal::only_ours;
    if (announced) {
      kept = co_await delete_stored(deps_, token.source, removal, request_.client);
    } else {
      kept = Kept{true, announced.error().message, deletion_of(token.source)};
    }
  }
  for (auto& outcome : outcomes) outcome.deleted = counts(outcome) && !kept;
  if (!kept) co_return Outcome::done;
  for (auto& outcome : outcomes) {
    if (!counts(outcome)) continue;
    outcome.error = Error{Reason::store_failed, kept->message, for_scope(kept->remedy, outcome.scope)};
  }
  if (!kept->is_stuck) co_return Outcome::done;
  detail.place = detail.old_place;
  detail.remedy = for_scope(or_check(kept->remedy), scopes_.front());
  co_return Outcome::stuck;
}

asio::awaitable<void> RevokeSteps::close(Outcome outcome) {
  if (outcome == Outcome::stuck) co_return co_await operation_.leave_to_doctor();
  co_await operation_.end(outcome);
}

// Records in the outcomes where the token still is.
asio::awaitable<void> RevokeSteps::report_remaining(const RevokedToken& token, Outcomes& outcomes) {
  const Users users = co_await users_everywhere(deps_, token.reference);
  for (RevokeOutcome& outcome : outcomes) {
    const bool is_literal = std::holds_alternative<secrets::LiteralSource>(token.source);
    if (outcome.deleted || is_literal || !(outcome.cleared || token.was_left())) continue;
    outcome.remains_in = token.place;
    const bool is_kept = store_for(deps_.stores, token.source) != nullptr;
    if (is_kept && !users.any() && !outcome.is_adopted) {
      outcome.remains_remedy = Remedy::of(RemedyAction::delete_token, outcome.scope);
    }
  }
}

Task<Outcomes> revoke_together(Dependencies& deps, const RevokeRequest& request, std::vector<Scope> scopes) {
  const Scope first = scopes.front();
  CO_TRY(auto lease,
         deps.operations.begin(new_operation_id(), OperationKind::revoke, first, deps.clock.now(), request.asked_by));
  Operation operation(deps, OperationKind::revoke, std::move(lease));
  // A call for all tokens is one call: cancelling one of its operations would cancel the others too.
  if (!request.all) operation.lease().on_cancel(request.cancel);
  if (request.begun) request.begun(operation.id());
  RevokeSteps steps(deps, request, scopes, operation);
  auto outcomes = co_await steps.run();
  const Error* error = outcomes ? nullptr : &outcomes.error();
  if (outcomes) {
    const auto failed = std::find_if(outcomes->begin(), outcomes->end(), [](const auto& one) { return one.error; });
    if (failed != outcomes->end()) error = &*failed->error;
  }
  operation.publish(nullptr, error);
  co_return outcomes;
}

RevokeOutcome failed(const Scope& scope, const Error& error) {
  RevokeOutcome outcome;
  outcome.scope = scope;
  outcome.error = error;
  return outcome;
}

// Groups the scopes that have a token of their own by token. Reports scopes that cannot be read at once.
Task<std::vector<std::vector<Scope>>> by_token(Dependencies& deps, const Each& each) {
  auto& configuration = deps.configuration;
  std::map<std::string, std::size_t> known;
  std::vector<std::vector<Scope>> groups;
  const auto visit_scope = [&](const config::ScopeEntry& entry) {
    const auto layer =
        entry.error ? Result<config::LayerAuth>(failure(*entry.error)) : configuration.last_read().layer(entry.scope);
    if (!layer) return each(failed(entry.scope, layer.error()));
    if (!holds_a_token(layer->keys)) return;
    const auto [at, is_new] = known.try_emplace(configuration.reference_of(*layer->keys.source()), groups.size());
    if (is_new) groups.emplace_back();
    groups[at->second].push_back(entry.scope);
  };
  const auto visit = [&configuration, &visit_scope](const std::string& name) {
    for (const auto& entry : configuration.last_read().scopes_of(name)) visit_scope(entry);
  };
  const std::function<void(const std::string&)> visit_each = visit;
  CO_TRY(co_await config::each_workspace(configuration, visit_each));
  co_return groups;
}

// Adds the scopes whose token was revoked earlier and is still stored, if they have no token now.
Task<> add_what_was_left(Dependencies& deps, std::vector<std::vector<Scope>>& groups) {
  CO_TRY(const auto remaining, co_await remaining_tokens(deps));
  for (const auto& [item, remedy] : remaining) {
    const Scope& scope = item.scope;
    const auto layer = co_await deps.configuration.layer(scope);
    const bool is_gone = !layer && layer.error().reason == Reason::unknown_workspace;
    const bool is_known =
        std::any_of(groups.begin(), groups.end(), [&scope](const auto& group) { return group.front() == scope; });
    if (!is_known && (is_gone || (layer && !holds_a_token(layer->keys)))) groups.push_back({scope});
  }
  co_return Result<>();
}

}  // namespace

Task<> Revoke::run(RevokeRequest request, Each each) {
  co_await asio::this_coro::throw_if_cancelled(false);
  CO_TRY(check_request(request));
  if (!request.all) {
    std::vector<Scope> one{request.scope};
    CO_TRY(const auto outcomes, co_await revoke_together(deps_, request, std::move(one)));
    for (const auto& outcome : outcomes) each(outcome);
    co_return Result<>();
  }
  CO_TRY(auto groups, co_await by_token(deps_, each));
  if (request.delete_item) {
    CO_TRY(co_await add_what_was_left(deps_, groups));
  }
  for (const auto& group : groups) {
    const auto outcomes = co_await revoke_together(deps_, request, group);
    if (outcomes) {
      for (const auto& outcome : *outcomes) each(outcome);
    } else {
      for (const Scope& scope : group) each(failed(scope, outcomes.error()));
    }
  }
  co_return Result<>();
}

}  // namespace jackin::lifecycle
