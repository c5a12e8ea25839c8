// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "client/tui/update/screens.hpp"

namespace jackin::tui {

void open_doctor(Model& model, std::vector<Scope> scopes, Effects& effects) {
  if (scopes.empty()) return;
  std::erase_if(model.dialogs, [](const Dialog& dialog) { return std::holds_alternative<DoctorView>(dialog); });
  model.dialogs.emplace_back(DoctorView{.scopes = scopes, .open = {scopes.begin(), scopes.end()}});
  effects.emplace_back(StartDoctor{std::move(scopes)});
}

void on_findings(Model& model, FindingsArrived&& message) {
  for (Dialog& dialog : model.dialogs) {
    auto* view = std::get_if<DoctorView>(&dialog);
    if (view == nullptr || view->open.erase(message.scope) == 0) continue;
    for (Finding& finding : message.findings) view->findings.emplace_back(message.scope, std::move(finding));
    // The worst ones first, in the order of the scopes.
    std::stable_sort(view->findings.begin(), view->findings.end(),
                     [](const auto& a, const auto& b) { return a.second.severity > b.second.severity; });
    return;
  }
}

void on_doctor(Model& model, Action action, Effects& effects) {
  DoctorView& view = *top_as<DoctorView>(model);
  switch (action) {
    case Action::back:
      return close_top(model);
    case Action::refresh: {
      const std::vector<Scope> scopes = view.scopes;
      return open_doctor(model, scopes, effects);
    }
    case Action::copy_command:
      effects.emplace_back(Copy{command_of(view.findings[view.selected].second.remedy)});
      return say(model, "the command was sent to the terminal's clipboard");
    case Action::interrupt:
      return quit_or_ask(model, effects);
    default:
      return move_selection(view.selected, view.findings.size(), 5, action);
  }
}

}  // namespace jackin::tui
