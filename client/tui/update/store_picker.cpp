// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "client/tui/update/screens.hpp"

namespace jackin::tui {
namespace {

void select_store(Model& model, std::initializer_list<SourceKind> kinds) {
  const auto at = std::find_if(model.stores.begin(), model.stores.end(), [&](const Store& store) {
    return store.available && std::find(kinds.begin(), kinds.end(), store.kind) != kinds.end();
  });
  if (at == model.stores.end()) return;
  StorePicker& picker = *top_as<StorePicker>(model);
  picker.selected = static_cast<std::size_t>(at - model.stores.begin());
  picker.is_chosen = true;
}

// The position of the default store, else that of the first available store.
std::size_t preset_of(const std::vector<Store>& stores) {
  const auto preset = std::find_if(stores.begin(), stores.end(),
                                   [](const Store& store) { return store.is_default && store.available; });
  const auto usable = std::find_if(stores.begin(), stores.end(), [](const Store& store) { return store.available; });
  const auto chosen = preset != stores.end() ? preset : usable;
  return chosen == stores.end() ? 0 : static_cast<std::size_t>(chosen - stores.begin());
}

void take_store(Model& model, Effects& effects) {
  const StorePicker& picker = *top_as<StorePicker>(model);
  if (picker.selected >= model.stores.size()) return;
  const Store& store = model.stores[picker.selected];
  if (!store.available) return say(model, store.name + " cannot be used: " + store.note);
  if (store.kind == SourceKind::op) return open_walk(model, picker.purpose, effects);
  std::vector<QueuedStart> starts;
  for (const Scope& scope : picker.purpose.scopes) {
    starts.push_back({.kind = OperationKind::setup,
                      .scope = scope,
                      .place = {.store = store.kind, .label = store.name},
                      .create = picker.purpose.create,
                      .workdir = picker.purpose.workdir});
  }
  start(model, std::move(starts), effects);
}

}  // namespace

void open_store_picker(Model& model, Purpose purpose, Effects& effects) {
  if (purpose.scopes.empty()) return;
  model.dialogs.emplace_back(StorePicker{.purpose = std::move(purpose)});
  // The known stores are shown at once, until the answer replaces them.
  top_as<StorePicker>(model)->selected = preset_of(model.stores);
  effects.emplace_back(ListStores{});
}

void on_stores(Model& model, std::vector<Store> stores) {
  const std::vector<Store> before = std::exchange(model.stores, std::move(stores));
  for (Dialog& dialog : model.dialogs) {
    auto* picker = std::get_if<StorePicker>(&dialog);
    if (picker == nullptr) continue;
    picker->failure.reset();
    const auto same = std::find_if(model.stores.begin(), model.stores.end(), [&](const Store& store) {
      return picker->is_chosen && picker->selected < before.size() && store.kind == before[picker->selected].kind;
    });
    picker->selected =
        same == model.stores.end() ? preset_of(model.stores) : static_cast<std::size_t>(same - model.stores.begin());
  }
}

void on_stores_failed(Model& model, const Error& failure) {
  for (Dialog& dialog : model.dialogs) {
    auto* picker = std::get_if<StorePicker>(&dialog);
    if (picker == nullptr) continue;
    picker->failure = failure;
    picker->typed_ahead.clear();
  }
}

void ask_stores_again(Model& model, Effects& effects) {
  for (Dialog& dialog : model.dialogs) {
    auto* picker = std::get_if<StorePicker>(&dialog);
    if (picker == nullptr || !picker->failure) continue;
    picker->failure.reset();
    effects.emplace_back(ListStores{});
  }
}

void on_store(Model& model, Action action, Effects& effects) {
  switch (action) {
    case Action::refresh:
      top_as<StorePicker>(model)->failure.reset();
      effects.emplace_back(ListStores{});
      return;
    case Action::one_password:
      return select_store(model, {SourceKind::op});
    case Action::os_store:
      return select_store(model, {SourceKind::keychain, SourceKind::secret_service});
    case Action::file_store:
      return select_store(model, {SourceKind::file});
    case Action::plain_text:
      return select_store(model, {SourceKind::literal});
    case Action::take:
      return take_store(model, effects);
    case Action::back:
      return close_top(model);
    case Action::interrupt:
      return quit_or_ask(model, effects);
    default: {
      StorePicker& picker = *top_as<StorePicker>(model);
      picker.is_chosen = true;
      return move_selection(picker.selected, model.stores.size(), 1, action);
    }
  }
}

}  // namespace jackin::tui
