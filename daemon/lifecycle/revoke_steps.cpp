// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/revoke_steps.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/remedy.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/writer.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/lifecycle/remaining_items.hpp"
#include "daemon/lifecycle/usage.hpp"
#include "daemon/secrets/op_reference.hpp"

namespace jackin::lifecycle {

RevokeSteps::RevokeSteps(Dependencies& deps, const RevokeRequest& request, std::vector<Scope> scopes,
                         Operations::Lease& lease)
    : deps_(deps),
      request_(request),
      scopes_(std::move(scopes)),
      lease_(lease),
      journal_(deps.database, deps.pool, deps.clock, deps.paths.config_dir),
      journal_id_(lease.operation().id) {}

Task<> RevokeSteps::recall() {
  CO_TRY(recalled_, co_await remaining_of(deps_, scopes_.front()));
  co_return Result<>();
}

Result<bool> RevokeSteps::expect_token() {
  for (const Scope& scope : scopes_) {
    TRY(lease_.hold_scope(scope));
    auto layer = deps_.configuration.layer(scope);
    // A remaining item can be deleted even when the scope's file is gone.
    const bool is_gone = !layer && layer.error().reason == Reason::unknown_workspace;
    if (is_gone && request_.delete_item && !recalled_.empty()) continue;
    if (!layer) return failure(std::move(layer).error());
    if (layer->keys == config::AuthKeys::revoked()) continue;
    if (!holds_a_token(layer->keys)) {
      if (request_.delete_item && !recalled_.empty()) continue;
      return failure(no_token_of_its_own(deps_.configuration, scope, "revoke"));
    }
    if (!source_) work_on(*layer->keys.source());
    layers_.push_back({scope, std::move(layer->keys)});
    outcomes_.emplace_back().scope = scope;
  }
  if (layers_.empty()) {
    for (const Scope& scope : scopes_) outcomes_.emplace_back().scope = scope;
    return true;
  }
  // This run revokes the current token, not what remains of an earlier one.
  recalled_.clear();
  TRY(lease_.hold_item(detail_.old_reference));
  for (std::size_t i = 1; i < layers_.size(); ++i) detail_.others.push_back(layers_[i].scope);
  const auto known = deps_.health.token_of(layers_.front().scope);
  if (known && known->reference == detail_.old_reference) fingerprint_ = known->fingerprint;
  return false;
}

void RevokeSteps::work_on(secrets::CredentialSource source) {
  source_ = std::move(source);
  detail_.old_reference = deps_.configuration.reference_of(*source_);
  detail_.old_place = secrets::describe(*source_);
  const auto* const op = std::get_if<secrets::OpSource>(&*source_);
  detail_.old_account = op == nullptr ? std::string() : op->account;
  detail_.delete_old = request_.delete_item;
  detail_.even_not_ours = request_.delete_item && request_.force;
}

Result<bool> RevokeSteps::take_up_next() {
  while (!recalled_.empty()) {
    const state::RemainingItem item = std::move(recalled_.front());
    recalled_.erase(recalled_.begin());
    auto source = source_of(item.reference, item.account);
    if (!source) continue;
    work_on(*std::move(source));
    detail_.old_place = item.place;
    detail_.slots_done = true;
    TRY(lease_.hold_item(detail_.old_reference));
    return true;
  }
  return false;
}

Task<> RevokeSteps::expect_deletable() {
  if (!request_.delete_item) co_return Result<>();
  const std::string& name = detail_.old_place;
  const std::string without = "jackinctl revoke " + scopes_.front().arguments();
  auto* const store = store_for(deps_.stores, *source_);
  if (store == nullptr) {
    co_return failure(Reason::unsupported, "no stored item to delete: the token comes from " + name, without);
  }
  if (const auto* const op = std::get_if<secrets::OpSource>(&*source_)) {
    const auto reference = secrets::parse_op_reference(op->reference);
    if (!reference) co_return failure(Reason::config_invalid, reference.error().message, without);
  }
  CO_TRY(Users users, co_await users_of_item(deps_, *source_, request_.client));
  std::erase_if(users.scopes, [&](const Scope& user) {
    return std::any_of(layers_.begin(), layers_.end(), [&](const Layer& layer) { return layer.scope == user; });
  });
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
  const bool adopted = !layers_.empty() && std::all_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
    return is_adopted(deps_.health, layer.scope, detail_.old_reference);
  });
  bool ours = !adopted;
  if (ours) {
    CO_TRY(ours, co_await store->is_ours(*source_, request_.client));
  }
  if (ours) co_return Result<>();
  co_return failure(Reason::not_ours, name + " was not created by jackind and is not deleted",
                    without + " --delete-item --force");
}

Task<> RevokeSteps::begin() {
  if (has_begun_) {
    journal_id_ = new_operation_id();
    lease_.go_on_as(journal_id_);
  }
  has_begun_ = true;
  co_return co_await journal_.begin(journal_id_, "revoke", scopes_.front());
}

Task<> RevokeSteps::remember_what_remains() {
  const auto* const store = store_for(deps_.stores, *source_);
  if (store == nullptr) co_return Result<>();
  std::vector<state::RemainingItem> items;
  for (const Layer& layer : layers_) {
    if (is_adopted(deps_.health, layer.scope, detail_.old_reference)) continue;
    items.push_back({layer.scope, detail_.old_reference, detail_.old_account, store->kind(), detail_.old_place,
                     fingerprint_, deps_.clock.now()});
  }
  auto work = [&database = deps_.database, items = std::move(items)] { return database.put_remaining(items); };
  co_return co_await deps_.pool.run(std::move(work));
}

asio::awaitable<void> RevokeSteps::tell_what_remains() {
  if (!source_) co_return;
  const Users users = co_await users_everywhere(deps_, detail_.old_reference);
  for (RevokeOutcome& outcome : outcomes_) {
    const bool is_literal = std::holds_alternative<secrets::LiteralSource>(*source_);
    const bool was_left = layers_.empty();
    if (outcome.deleted || is_literal || !(outcome.cleared || was_left)) continue;
    outcome.remains_in = detail_.old_place;
    const bool is_kept = store_for(deps_.stores, *source_) != nullptr;
    if (is_kept && !users.any() && !outcome.is_adopted) {
      outcome.remains_remedy = "jackinctl revoke " + outcome.scope.arguments() + " --delete-item";
    }
  }
}

Task<> RevokeSteps::clear() {
  CO_TRY(co_await journal_.enter(journal_id_, "clear", detail_));
  CO_TRY(co_await remember_what_remains());
  lease_.enter("clear");
  lease_.mark_captured();
  // A started revocation runs to its end, whatever the client does.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  // After the slots are cleared, this information is lost: which scopes had the token from them.
  for (Layer& layer : layers_) layer.launched = co_await launched_with_that_of(deps_, layer.scope);
  bool any = false;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    config::SlotChange change{layers_[i].scope, config::AuthKeys::revoked(), layers_[i].before, std::nullopt};
    auto work = [&paths = deps_.paths, change = std::move(change)] { return config::write_slot(paths, change); };
    auto written = co_await deps_.writers.run(std::move(work));
    if (written) {
      any = true;
      outcomes_[i].cleared = true;
    } else if (!any && i == 0) {
      co_return failure(std::move(written).error());
    } else {
      outcomes_[i].error = std::move(written).error();
    }
  }
  co_return Result<>();
}

asio::awaitable<void> RevokeSteps::forget() {
  lease_.enter("forget");
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    RevokeOutcome& outcome = outcomes_[i];
    if (!outcome.cleared) continue;
    outcome.is_adopted = is_adopted(deps_.health, outcome.scope, detail_.old_reference);
    const auto forgotten = co_await deps_.health.forget(outcome.scope);
    if (!forgotten) {
      outcome.notices.push_back(
          {Severity::warning, "its expiry is still remembered: " + forgotten.error().message, {}});
    }
    outcome.holders = co_await holders_of(deps_, layers_[i].launched, std::nullopt, std::nullopt);
  }
}

asio::awaitable<void> RevokeSteps::delete_item() {
  if (!request_.delete_item) co_return;
  const auto counts = [this](const RevokeOutcome& outcome) { return outcome.cleared || layers_.empty(); };
  detail_.slots_done = std::all_of(outcomes_.begin(), outcomes_.end(), counts);
  lease_.mark_captured();
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  auto kept = co_await still_used(deps_, *source_, request_.client);
  if (!kept) {
    const auto announced = co_await journal_.enter(journal_id_, "delete_item", detail_);
    lease_.enter("delete_item");
    const auto removal = request_.force ? secrets::Removal::whatever_it_is : secrets::Removal::only_ours;
    if (announced) {
      kept = co_await delete_stored(deps_, *source_, removal, request_.client);
    } else {
      kept = Kept{true, announced.error().message, mending_command(*source_)};
    }
  }
  for (auto& outcome : outcomes_) outcome.deleted = counts(outcome) && !kept;
  if (!kept) co_return;
  for (auto& outcome : outcomes_) {
    if (!counts(outcome)) continue;
    outcome.error = Error{Reason::store_failed, kept->message, for_scope(kept->remedy, outcome.scope)};
  }
  if (!kept->is_stuck) co_return;
  is_stuck_ = true;
  detail_.place = detail_.old_place;
  const Scope& scope = scopes_.front();
  detail_.remedy = for_scope(with_command(kept->remedy, "jackinctl doctor"), scope);
  static_cast<void>(co_await journal_.enter(journal_id_, "stuck", detail_));
  static_cast<void>(co_await journal_.end(journal_id_, Outcome::stuck));
}

bool RevokeSteps::has_failed() const {
  return std::any_of(outcomes_.begin(), outcomes_.end(), [](const auto& outcome) { return outcome.error.has_value(); });
}

asio::awaitable<void> RevokeSteps::close(bool succeeded) {
  if (is_stuck_) co_return;
  // If the disk refuses this entry, the next start reaches the same result.
  static_cast<void>(co_await journal_.end(journal_id_, succeeded ? Outcome::done : Outcome::failed));
}

}  // namespace jackin::lifecycle
