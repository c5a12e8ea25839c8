// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/revoke.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "daemon/config/configuration.hpp"
#include "daemon/config/walk.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/remaining_items.hpp"
#include "daemon/lifecycle/revoke_steps.hpp"
#include "daemon/lifecycle/usage.hpp"

namespace jackin::lifecycle {
namespace {

using Outcomes = std::vector<RevokeOutcome>;
using Each = std::function<void(const RevokeOutcome&)>;

Task<> take_away(RevokeSteps& steps) {
  CO_TRY(co_await steps.begin());
  const auto cleared = co_await steps.clear();
  if (cleared) {
    co_await steps.forget();
    co_await steps.delete_item();
  }
  co_await steps.close(cleared.has_value());
  co_return cleared;
}

// Deletes the items that earlier revocations of the scope left, each in an operation of its own.
Task<> delete_what_was_left(RevokeSteps& steps) {
  for (;;) {
    CO_TRY(const bool is_left, steps.take_up_next());
    if (!is_left) co_return Result<>();
    CO_TRY(co_await steps.expect_deletable());
    CO_TRY(co_await steps.begin());
    co_await steps.delete_item();
    co_await steps.close(true);
    if (steps.has_failed()) co_return Result<>();
  }
}

Task<Outcomes> revoke_together(Dependencies& deps, const RevokeRequest& request, std::vector<Scope> scopes) {
  const Scope first = scopes.front();
  CO_TRY(auto lease, deps.operations.begin(new_operation_id(), "revoke", first, deps.clock.now(), request.asked_by));
  RevokeSteps steps(deps, request, std::move(scopes), lease);
  CO_TRY(co_await steps.recall());
  CO_TRY(const bool is_revoked, steps.expect_token());
  if (!is_revoked) {
    CO_TRY(co_await steps.expect_deletable());
    CO_TRY(co_await take_away(steps));
  } else if (request.delete_item) {
    CO_TRY(co_await delete_what_was_left(steps));
  } else {
    CO_TRY(steps.take_up_next());
  }
  co_await steps.tell_what_remains();
  co_return steps.outcomes();
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
  const auto look_at = [&](const config::ScopeEntry& entry) {
    const auto layer =
        entry.error ? Result<config::LayerAuth>(failure(*entry.error)) : configuration.layer(entry.scope);
    if (!layer) return each(failed(entry.scope, layer.error()));
    if (!holds_a_token(layer->keys)) return;
    const auto [at, is_new] = known.try_emplace(configuration.reference_of(*layer->keys.source()), groups.size());
    if (is_new) groups.emplace_back();
    groups[at->second].push_back(entry.scope);
  };
  const auto visit = [&configuration, &look_at](const std::string& name) {
    for (const auto& entry : configuration.scopes_of(name)) look_at(entry);
  };
  const std::function<void(const std::string&)> visit_each = visit;
  CO_TRY(co_await config::each_workspace(deps.pool, configuration, visit_each));
  co_return groups;
}

// Adds the scopes without a token from which earlier revocations took one that is still stored.
Task<> add_what_was_left(Dependencies& deps, std::vector<std::vector<Scope>>& groups) {
  CO_TRY(const auto remaining, co_await remaining_tokens(deps));
  for (const auto& [item, remedy] : remaining) {
    const auto layer = deps.configuration.layer(item.scope);
    const bool is_gone = !layer && layer.error().reason == Reason::unknown_workspace;
    const bool is_known =
        std::any_of(groups.begin(), groups.end(), [&](const auto& group) { return group.front() == item.scope; });
    if (!is_known && (is_gone || (layer && !holds_a_token(layer->keys)))) groups.push_back({item.scope});
  }
  co_return Result<>();
}

}  // namespace

Task<> Revoke::run(RevokeRequest request, Each each) {
  co_await asio::this_coro::throw_if_cancelled(false);
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
