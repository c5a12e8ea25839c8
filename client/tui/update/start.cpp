// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "client/tui/update/screens.hpp"

namespace jackin::tui {
namespace {

Operation& add_operation(Model& model, OperationKind kind, const Scope& scope) {
  // Removes ended operations of the same scope: the new one replaces them.
  std::erase_if(model.operations,
                [&](const Operation& operation) { return operation.scope == scope && operation.has_ended(); });
  Operation operation;
  operation.number = ++model.last_number;
  operation.kind = kind;
  operation.scope = scope;
  operation.steps = steps_of(kind);
  // The daemon reports the first step only after it has checked claude.
  if (kind == OperationKind::setup || kind == OperationKind::rotate) operation.steps.front().state = StepState::running;
  operation.started_at = model.now;
  operation.connection = model.connection;
  model.operations.push_back(std::move(operation));
  return model.operations.back();
}

}  // namespace

std::string name_of(const Operation& operation) {
  switch (operation.kind) {
    case OperationKind::setup:
      return "the new token of " + operation.scope.str();
    case OperationKind::rotate:
      return "the rotation of " + operation.scope.str();
    case OperationKind::revoke:
      return "the revocation of " + operation.scope.str();
    case OperationKind::relocate:
      return "the move of the token of " + operation.scope.str();
    case OperationKind::recovery:
      return "the recovery of " + operation.scope.str();
  }
  return {};
}

void show_operation(Model& model, OperationNumber number) {
  std::erase_if(model.dialogs, [](const Dialog& dialog) { return std::holds_alternative<OperationView>(dialog); });
  model.dialogs.emplace_back(OperationView{.number = number});
}

void start(Model& model, std::vector<QueuedStart> starts, Effects& effects) {
  if (starts.empty()) return;
  // Closes the boxes in which the user chose the place.
  std::erase_if(model.dialogs, [](const Dialog& dialog) {
    return std::holds_alternative<StorePicker>(dialog) || std::holds_alternative<Walk>(dialog) ||
           std::holds_alternative<RoleBox>(dialog) || std::holds_alternative<WorkspaceBox>(dialog);
  });
  const Operation* before = open_consent(model);
  if (before != nullptr) {
    say(model, starts.front().scope.str() + " starts when " + before->scope.str() + " has your consent");
  }
  if (!model.rows.contains(starts.front().scope)) model.panel.selected = starts.front().scope;
  if (model.link.state != Link::State::live)
    say(model, starts.front().scope.str() + " starts when jackind answers again");
  for (QueuedStart& one : starts) model.queue.push_back(std::move(one));
  model.panel.marks.clear();
  start_next(model, true, effects);
}

void start_next(Model& model, bool show, Effects& effects) {
  const bool may_begin = model.link.state == Link::State::live && !model.holds_queue && open_consent(model) == nullptr;
  if (model.queue.empty() || !may_begin) return;
  QueuedStart next = std::move(model.queue.front());
  model.queue.pop_front();
  Operation& operation = add_operation(model, next.kind, next.scope);
  operation.place = next.place.label;
  const OperationNumber number = operation.number;
  std::erase_if(model.begun, [&](const auto& entry) { return find_operation(model, entry.first) == nullptr; });
  model.begun.emplace(number, next);
  model.unnamed = number;
  if (next.kind == OperationKind::rotate) {
    effects.emplace_back(StartRotate{number, next.scope});
  } else {
    effects.emplace_back(StartSetup{number, next.scope, std::move(next.place), next.create, std::move(next.workdir)});
  }
  if (show) return show_operation(model, number);
  say(model, next.scope.str() + " is next and needs your consent");
}

bool return_to_queue(Model& model, OperationNumber number) {
  const Operation* operation = find_operation(model, number);
  const auto begun = model.begun.find(number);
  const bool is_unnamed = operation != nullptr && model.unnamed == number && begun != model.begun.end();
  // Once more would not be better.
  if (!is_unnamed || begun->second.was_returned || operation->cancels_when_named) return false;
  QueuedStart start = std::move(begun->second);
  model.begun.erase(begun);
  model.unnamed = 0;
  start.was_returned = true;
  say(model, start.scope.str() + " starts when jackind answers again");
  model.queue.push_front(std::move(start));
  std::erase_if(model.dialogs, [&](const Dialog& dialog) {
    const auto* view = std::get_if<OperationView>(&dialog);
    return view != nullptr && view->number == number;
  });
  std::erase_if(model.operations, [&](const Operation& one) { return one.number == number; });
  return true;
}

void start_revoke(Model& model, const std::vector<Scope>& scopes, bool delete_item, Effects& effects) {
  model.panel.marks.clear();
  for (const Scope& scope : scopes) {
    const auto row = model.rows.find(scope);
    const bool deletes = delete_item && row != model.rows.end() && row->second.can_delete;
    const OperationNumber number = add_operation(model, OperationKind::revoke, scope).number;
    effects.emplace_back(StartRevoke{number, scope, deletes});
    if (scopes.size() == 1) show_operation(model, number);
  }
}

}  // namespace jackin::tui
