// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <utility>

#include "client/tui/update/screens.hpp"

namespace jackin::tui {
namespace {

void stop_check(const DoctorView& view, Effects& effects) {
  if (!view.open.empty()) effects.emplace_back(StopListing{view.ticket});
}

// Sorts by severity, the worst first. The selection stays on its finding.
void sort_findings(DoctorView& view) {
  std::vector<std::size_t> order(view.findings.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return view.findings[a].second.severity > view.findings[b].second.severity;
  });
  std::vector<std::pair<Scope, Finding>> sorted;
  sorted.reserve(order.size());
  for (const std::size_t at : order) sorted.push_back(std::move(view.findings[at]));
  view.findings = std::move(sorted);
  const auto selected = std::find(order.begin(), order.end(), view.selected);
  view.selected = selected == order.end() ? 0 : static_cast<std::size_t>(selected - order.begin());
}

}  // namespace

void open_doctor(Model& model, std::vector<Scope> scopes, Effects& effects) {
  if (scopes.empty()) return;
  std::erase_if(model.dialogs, [&](const Dialog& dialog) {
    const auto* view = std::get_if<DoctorView>(&dialog);
    if (view != nullptr) stop_check(*view, effects);
    return view != nullptr;
  });
  const Ticket ticket = ++model.last_ticket;
  model.dialogs.emplace_back(DoctorView{.scopes = scopes, .open = {scopes.begin(), scopes.end()}, .ticket = ticket});
  effects.emplace_back(StartDoctor{std::move(scopes), ticket});
}

void on_findings(Model& model, FindingsArrived&& message, Effects& effects) {
  for (Dialog& dialog : model.dialogs) {
    auto* view = std::get_if<DoctorView>(&dialog);
    if (view == nullptr || view->ticket != message.ticket || view->open.erase(message.scope) == 0) continue;
    const bool is_first = view->findings.empty();
    for (Finding& finding : message.findings) view->findings.emplace_back(message.scope, std::move(finding));
    sort_findings(*view);
    // Before the first findings there was no selection.
    if (is_first) view->selected = 0;
    // The daemon does not report a row of which only the time of the check has changed.
    if (view->open.empty()) effects.emplace_back(Refresh{});
    return;
  }
}

void on_doctor(Model& model, Action action, Effects& effects) {
  DoctorView& view = *top_as<DoctorView>(model);
  switch (action) {
    case Action::back:
      stop_check(view, effects);
      return close_top(model);
    case Action::refresh: {
      const std::vector<Scope> scopes = view.scopes;
      return open_doctor(model, scopes, effects);
    }
    case Action::rotate: {
      const std::vector<Scope> scopes = subjects(model);
      stop_check(view, effects);
      close_top(model);
      return start(model, {{.kind = OperationKind::rotate, .scope = scopes.front()}}, effects);
    }
    case Action::copy_command: {
      const std::string command = command_of(view.findings[view.selected].second.remedy);
      effects.emplace_back(Copy{command});
      return say(model, command + " was sent to the terminal's clipboard");
    }
    case Action::interrupt:
      return quit_or_ask(model, effects);
    default:
      return move_selection(view.selected, view.findings.size(), 5, action);
  }
}

}  // namespace jackin::tui
