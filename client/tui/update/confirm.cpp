// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "client/tui/update/screens.hpp"

namespace jackin::tui {

void quit_now(Model& model, Effects& effects) {
  Quit quit;
  for (const Operation& operation : model.operations) {
    if (!operation.is_own || operation.has_ended()) continue;
    if (operation.ends_with_us()) effects.emplace_back(Cancel{operation.number, operation.id});
    if (operation.kind != OperationKind::revoke) {
      quit.operations.push_back({operation.number, name_of(operation)});
    } else if (operation.needs_us()) {
      quit.farewell.push_back("asked jackind to stop " + name_of(operation) +
                              "; jackinctl operations shows the result");
    } else {
      quit.farewell.push_back("jackind finishes " + name_of(operation) + " by itself");
    }
  }
  for (const QueuedStart& waiting : model.queue)
    quit.farewell.push_back("not started: the new token of " + waiting.scope.str());
  model.queue.clear();
  effects.emplace_back(std::move(quit));
}

void quit_or_ask(Model& model, Effects& effects) {
  const bool ends_something = std::any_of(model.operations.begin(), model.operations.end(),
                                          [](const Operation& operation) { return operation.ends_with_us(); });
  if (!ends_something) return quit_now(model, effects);
  if (top_as<QuitBox>(model) != nullptr) return quit_now(model, effects);
  model.dialogs.emplace_back(QuitBox{});
}

namespace {

void confirm(Model& model, Effects& effects) {
  const auto* box = top_as<CancelBox>(model);
  if (box == nullptr) return quit_now(model, effects);
  Operation* operation = find_operation(model, box->number);
  close_top(model);
  if (operation != nullptr && !operation->has_ended() && !operation->runs_to_end)
    return cancel_operation(model, *operation, effects);
  say(model, "the operation can no longer be cancelled");
}

}  // namespace

std::optional<bool> decided(bool& yes_selected, Action action) {
  switch (action) {
    case Action::previous_choice:
    case Action::next_choice:
      yes_selected = !yes_selected;
      return std::nullopt;
    case Action::take:
      return yes_selected;
    case Action::yes:
      return true;
    case Action::no:
    case Action::back:
      return false;
    default:
      return std::nullopt;
  }
}

void on_confirm(Model& model, Action action, Effects& effects) {
  if (action == Action::interrupt) return quit_or_ask(model, effects);
  auto* cancel_box = top_as<CancelBox>(model);
  auto* quit_box = top_as<QuitBox>(model);
  if (cancel_box == nullptr && quit_box == nullptr) return;
  const auto decision = decided(cancel_box != nullptr ? cancel_box->yes_selected : quit_box->yes_selected, action);
  if (!decision) return;
  if (*decision) return confirm(model, effects);
  close_top(model);
}

}  // namespace jackin::tui
