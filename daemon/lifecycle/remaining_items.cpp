// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/remaining_items.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "daemon/config/configuration.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/lifecycle/usage.hpp"

namespace jackin::lifecycle {
namespace {

// `revoke` takes the scope's current token. If the scope now has another token, only the store itself can delete the
// right one.
asio::awaitable<Remedy> deletion_of_item(Dependencies& deps, const state::RemainingItem& item,
                                         const secrets::CredentialSource& source) {
  const auto layer = co_await deps.configuration.layer(item.scope);
  if (layer && holds_a_token(layer->keys)) co_return deletion_of(source);
  co_return Remedy::of(RemedyAction::delete_token, item.scope);
}

bool is_same_item(const state::RemainingItem& one, const state::RemainingItem& other) {
  return one.reference == other.reference && one.account == other.account;
}

}  // namespace

std::optional<secrets::CredentialSource> source_of(const std::string& reference, const std::string& account) {
  auto source = secrets::parse_reference(reference);
  if (!source) return std::nullopt;
  if (auto* const op = std::get_if<secrets::OpSource>(&*source)) op->account = account;
  return *std::move(source);
}

Task<std::vector<RemainingToken>> remaining_tokens(Dependencies& deps) {
  auto read = [&database = deps.database] { return database.remaining(); };
  CO_TRY(auto items, co_await deps.pool.run(std::move(read)));
  std::vector<RemainingToken> tokens;
  for (auto& item : items) {
    const bool is_known = std::any_of(tokens.begin(), tokens.end(),
                                      [&](const RemainingToken& other) { return is_same_item(other.item, item); });
    const auto source = source_of(item.reference, item.account);
    if (is_known || !source) continue;
    const Users users = co_await users_everywhere(deps, item.reference);
    if (users.any()) continue;
    Remedy remedy = co_await deletion_of_item(deps, item, *source);
    tokens.push_back({std::move(item), std::move(remedy)});
  }
  co_return tokens;
}

Task<std::vector<state::RemainingItem>> remaining_of(Dependencies& deps, Scope scope) {
  auto read = [&database = deps.database] { return database.remaining(); };
  CO_TRY(auto items, co_await deps.pool.run(std::move(read)));
  std::erase_if(items, [&](const state::RemainingItem& item) { return item.scope != scope; });
  co_return items;
}

asio::awaitable<void> forget_remaining(Dependencies& deps, secrets::CredentialSource source) {
  const auto* const op = std::get_if<secrets::OpSource>(&source);
  auto work = [&database = deps.database, reference = deps.configuration.reference_of(source),
               account = op == nullptr ? std::string() : op->account] {
    return database.erase_remaining(reference, account);
  };
  static_cast<void>(co_await deps.pool.run(std::move(work)));
}

}  // namespace jackin::lifecycle
