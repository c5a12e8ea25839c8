// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/place_choice.hpp"

#include <algorithm>

#include "common/untrusted_text.hpp"
#include "common/words.hpp"

namespace jackin::lifecycle {
namespace {

std::vector<std::string> kinds_of(const std::vector<secrets::Store*>& stores) {
  std::vector<std::string> kinds;
  for (const auto* store : stores) kinds.emplace_back(word_of(store->kind()));
  return kinds;
}

// The older pair can name 1Password, variables and literals (jackin's documentation of `[env]`); of these only
// 1Password is a store.
bool can_be_named(const secrets::Store& store, const StyleChoice& style) {
  return !style.names_only_op() || store.kind() == SourceKind::op;
}

Error cannot_be_used(const secrets::Store& store, const secrets::Availability& availability) {
  return {Reason::store_unavailable, store.name() + " cannot be used: " + availability.message, availability.remedy};
}

Task<secrets::Store*> usable(const std::vector<secrets::Store*>& stores, SourceKind kind, const StyleChoice& style,
                             const Environment& client) {
  const auto found =
      std::find_if(stores.begin(), stores.end(), [&](const auto* store) { return store->kind() == kind; });
  if (found == stores.end()) {
    co_return failure(Reason::invalid_argument, "this system has no store '" + std::string(word_of(kind)) + "'",
                      Remedy::change_option(RequestOption::store, kinds_of(stores)));
  }
  auto* const store = *found;
  if (!can_be_named(*store, style)) co_return failure(cannot_be_named("a token in " + store->name(), style));
  const auto availability = co_await store->availability(client);
  // A store that must be started first is started by its next call.
  if (!availability.usable && !availability.startable) co_return failure(cannot_be_used(*store, availability));
  co_return store;
}

}  // namespace

Error cannot_be_named(const std::string& what, const StyleChoice& style) {
  std::string message = "the older form of the configuration cannot name " + what;
  if (!style.because_of.empty()) {
    message += ", and " + style.because_of + " reads no other";
  }
  return {Reason::unsupported, message,
          Remedy::change_option(RequestOption::store, {std::string(word_of(SourceKind::op))})
              .noting("or set style = \"external\" under [slot] in jackind.toml")};
}

Task<StoreChoice> choose_store(const std::vector<secrets::Store*>& stores, const PlaceRequest& requested,
                               std::optional<SourceKind> preferred, const StyleChoice& style,
                               const Environment& client) {
  const bool only_names_a_vault = !requested.store && !requested.vault.empty();
  const auto asked = only_names_a_vault ? std::optional(SourceKind::op) : requested.store;
  if (asked) {
    CO_TRY(auto* store, co_await usable(stores, *asked, style, client));
    co_return StoreChoice{store, false};
  }
  if (preferred) {
    CO_TRY(auto* store, co_await usable(stores, *preferred, style, client));
    co_return StoreChoice{store, true};
  }
  if (style.names_only_op()) {
    // Only 1Password is left. When it is not available, the error says why 1Password was required.
    auto store = co_await usable(stores, SourceKind::op, style, client);
    if (store) co_return StoreChoice{*store, true};
    for (const auto* other : stores) {
      if (!can_be_named(*other, style)) co_return failure(cannot_be_named("a token in " + other->name(), style));
    }
    co_return failure(std::move(store).error());
  }
  // 1Password is used only when requested by name: it may hold the keys of a whole company.
  for (auto* store : stores) {
    if (store->kind() == SourceKind::op || store->kind() == SourceKind::file) continue;
    const auto availability = co_await store->availability(client);
    if (availability.usable) co_return StoreChoice{store, true};
    // A slow store must not silently be replaced by a plain file.
    if (availability.unclear) {
      Error error = cannot_be_used(*store, availability);
      error.remedy =
          Remedy::change_option(RequestOption::store, {std::string(word_of(SourceKind::file))}).noting("or try again");
      co_return failure(std::move(error));
    }
  }
  CO_TRY(auto* store, co_await usable(stores, SourceKind::file, style, client));
  co_return StoreChoice{store, true};
}

asio::awaitable<std::vector<StoreInfo>> list_stores(const std::vector<secrets::Store*>& stores,
                                                    std::optional<SourceKind> preferred, const Environment& client) {
  const PlaceRequest nothing_requested;
  const StyleChoice canonical;
  const auto chosen = co_await choose_store(stores, nothing_requested, preferred, canonical, client);
  std::vector<StoreInfo> known;
  for (secrets::Store* const store : stores) {
    const auto availability = co_await store->availability(client);
    known.push_back({.kind = store->kind(),
                     .name = store->name(),
                     .available = availability.usable,
                     .message = availability.message,
                     .remedy = availability.remedy,
                     .is_default = chosen && chosen->store == store});
  }
  co_return known;
}

asio::awaitable<std::vector<secrets::Store*>> other_stores(const std::vector<secrets::Store*>& stores,
                                                           const secrets::Store* failed, const StyleChoice& style,
                                                           const Environment& client) {
  std::vector<secrets::Store*> others;
  for (auto* store : stores) {
    if (store == failed || !can_be_named(*store, style)) continue;
    const auto availability = co_await store->availability(client);
    if (availability.usable) others.push_back(store);
  }
  co_return others;
}

}  // namespace jackin::lifecycle
