// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "client/tui/update/screens.hpp"

namespace jackin::tui {
namespace {

void move(Model& model, Action action) {
  const std::vector<PanelLine> lines = panel_lines(model);
  if (lines.empty()) return;
  std::size_t selected = selected_line(model, lines);
  const auto page = static_cast<std::size_t>(std::max(panel_layout(model).lines - 1, 1));
  move_selection(selected, lines.size(), page, action);
  model.panel.selected = lines[selected].row->scope;
}

void sort_by_next(Model& model) {
  struct Order {
    Sort sort;
    const char* name;
  };
  constexpr std::array<Order, 4> orders{{{Sort::worst, "worst first"},
                                         {Sort::name, "by name"},
                                         {Sort::days_left, "by days left"},
                                         {Sort::checked, "by last check, oldest first"}}};
  // The selection stays on its row.
  if (const Row* row = selected_row(model)) model.panel.selected = row->scope;
  const auto at =
      std::find_if(orders.begin(), orders.end(), [&](const Order& order) { return order.sort == model.panel.sort; });
  const Order& next = at + 1 == orders.end() ? orders.front() : *(at + 1);
  model.panel.sort = next.sort;
  say(model, std::string("sorted ") + next.name);
}

void toggle_mark(Model& model) {
  const Row* row = selected_row(model);
  if (row == nullptr) return;
  const Scope scope = row->scope;
  if (model.panel.marks.erase(scope) == 0) model.panel.marks.insert(scope);
  model.panel.selected = scope;
  move(model, Action::down);
}

void close_or_open(Model& model, bool close) {
  const Row* row = selected_row(model);
  if (row == nullptr) return;
  const std::string workspace = row->scope.workspace_name();
  if (!close) {
    model.panel.closed.erase(workspace);
    return;
  }
  model.panel.closed.insert(workspace);
  if (const auto scope = Scope::workspace(workspace)) model.panel.selected = *scope;
}

void show_details(Model& model, Effects& effects) {
  const Row* row = selected_row(model);
  if (row == nullptr) return;
  const Scope scope = row->scope;
  const auto mine = std::find_if(model.operations.rbegin(), model.operations.rend(), [&](const Operation& operation) {
    return operation.scope == scope && (operation.is_own || !operation.has_ended());
  });
  if (mine != model.operations.rend()) {
    show_operation(model, mine->number);
    return;
  }
  model.dialogs.emplace_back(DetailsView{scope});
  if (is_known(model, scope)) ask_details(model, scope, effects);
}

void back(Model& model) {
  if (!model.panel.filter.empty()) {
    model.panel.filter.clear();
  } else {
    model.panel.marks.clear();
  }
}

// Removes the scopes from the queue. Returns whether any of them was queued.
bool leave_queue(Model& model, const std::vector<Scope>& scopes) {
  std::string last;
  const auto removed = std::erase_if(model.queue, [&](const QueuedStart& one) {
    if (std::find(scopes.begin(), scopes.end(), one.scope) == scopes.end()) return false;
    last = one.scope.str();
    return true;
  });
  if (removed == 0) return false;
  say(model,
      "removed " + (removed == 1 ? last : std::to_string(removed) + " rows") + " from the queue; nothing was changed");
  return true;
}

// Selects the first line whose name contains the changed filter, else the first line.
void select_first(Model& model) {
  const std::vector<PanelLine> lines = panel_lines(model);
  if (lines.empty()) return;
  const auto at = std::find_if(lines.begin(), lines.end(), [&](const PanelLine& line) {
    return contains(line.row->scope.str(), model.panel.filter);
  });
  model.panel.selected = (at == lines.end() ? lines.front() : *at).row->scope;
}

}  // namespace

void on_panel(Model& model, Action action, Effects& effects) {
  switch (action) {
    case Action::close_workspace:
    case Action::open_workspace:
      return close_or_open(model, action == Action::close_workspace);
    case Action::resume:
    case Action::details:
      return show_details(model, effects);
    case Action::cancel:
      if (const Operation* operation = selected_operation(model))
        model.dialogs.emplace_back(CancelBox{operation->number});
      return;
    case Action::filter:
      model.panel.is_filtering = true;
      return;
    case Action::sort:
      return sort_by_next(model);
    case Action::mark:
      return toggle_mark(model);
    case Action::back:
      return back(model);
    case Action::lock:
      effects.emplace_back(Lock{});
      return;
    case Action::refresh:
      effects.emplace_back(Refresh{});
      return;
    case Action::reconnect:
      effects.emplace_back(Reconnect{});
      return;
    case Action::new_workspace:
      model.dialogs.emplace_back(WorkspaceBox{});
      return;
    case Action::quit:
      return quit_or_ask(model, effects);
    case Action::generate:
    case Action::rotate:
    case Action::revoke:
    case Action::doctor:
    case Action::add_role:
      return act_on_subjects(model, action, effects);
    default:
      return move(model, action);
  }
}

void on_filter(Model& model, Action action, Effects& effects) {
  std::string& filter = model.panel.filter;
  switch (action) {
    case Action::take:
      model.panel.is_filtering = false;
      return;
    case Action::back:
      if (filter.empty()) model.panel.is_filtering = false;
      filter.clear();
      return;
    case Action::erase:
      erase_last(filter);
      return select_first(model);
    case Action::erase_word:
      filter.clear();
      return;
    case Action::interrupt:
      return quit_or_ask(model, effects);
    default:
      return move(model, action);
  }
}

void on_empty(Model& model, Action action, Effects& effects) {
  constexpr std::array<Action, 3> choices{Action::new_workspace, Action::generate, Action::quit};
  switch (action) {
    case Action::take:
      return on_empty(model, choices[std::min(model.panel.empty_choice, choices.size() - 1)], effects);
    case Action::new_workspace:
      model.dialogs.emplace_back(WorkspaceBox{});
      return;
    case Action::generate:
      return open_store_picker(model, {.scopes = {Scope::global()}}, effects);
    case Action::refresh:
      effects.emplace_back(Refresh{});
      return;
    case Action::quit:
      return quit_or_ask(model, effects);
    default:
      return move_selection(model.panel.empty_choice, choices.size(), 1, action);
  }
}

void say_why_not(Model& model, Action action) {
  const std::vector<Scope> scopes = subjects(model);
  if (scopes.empty()) return;
  if (scopes.size() > 1) {
    return say(model,
               action == Action::generate ? "no marked row is without a token" : "no marked row has a token to act on");
  }
  const Scope& scope = scopes.front();
  const auto row = model.rows.find(scope);
  if (row == model.rows.end()) return;
  if (running_operation(model, scope) != nullptr) return say(model, "an operation already runs on " + scope.str());
  if (is_queued(model, scope)) return say(model, scope.str() + " is in the queue: X removes it");
  say(model, scope.str() + (row->second.has_token ? " has a token: R replaces it, X removes it"
                                                  : " has no token: G creates one"));
}

void act_on_subjects(Model& model, Action action, Effects& effects) {
  const auto those = [&](auto test) {
    std::vector<Scope> scopes;
    for (const Scope& scope : subjects(model)) {
      const auto row = model.rows.find(scope);
      const bool is_free = running_operation(model, scope) == nullptr && !is_queued(model, scope);
      if (row != model.rows.end() && is_free && test(row->second)) scopes.push_back(scope);
    }
    return scopes;
  };
  const auto has_token = [](const Row& row) { return row.has_token; };
  // A filter or a closed workspace can hide marked rows.
  constexpr const char* hidden = "nothing was done: the marked rows are hidden";
  switch (action) {
    case Action::generate: {
      std::vector<Scope> scopes = those([](const Row& row) { return !row.has_token; });
      if (scopes.empty()) return say(model, hidden);
      return open_store_picker(model, {.scopes = std::move(scopes)}, effects);
    }
    case Action::rotate: {
      std::vector<QueuedStart> starts;
      for (const Scope& scope : those(has_token)) starts.push_back({.kind = OperationKind::rotate, .scope = scope});
      if (starts.empty()) return say(model, hidden);
      model.panel.marks.clear();
      return start(model, std::move(starts), effects);
    }
    case Action::revoke: {
      if (leave_queue(model, subjects(model))) return;
      std::vector<Scope> scopes = those(has_token);
      if (scopes.empty()) return say(model, hidden);
      model.dialogs.emplace_back(RevokeBox{.scopes = std::move(scopes)});
      update_revoke_boxes(model);
      return want_details_of_boxes(model, effects);
    }
    case Action::doctor: {
      std::vector<Scope> scopes = subjects(model);
      std::erase_if(scopes, [&](const Scope& scope) { return !is_known(model, scope); });
      if (scopes.empty()) return say(model, hidden);
      return open_doctor(model, std::move(scopes), effects);
    }
    case Action::add_role:
      if (const Row* row = selected_row(model))
        model.dialogs.emplace_back(RoleBox{.workspace = row->scope.workspace_name()});
      return;
    default:
      return;
  }
}

}  // namespace jackin::tui
