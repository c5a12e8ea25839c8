// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "client/tui/update/screens.hpp"

namespace jackin::tui {

void on_details(Model& model, Action action, Effects& effects) {
  DetailsView& view = *top_as<DetailsView>(model);
  switch (action) {
    case Action::back:
      return close_top(model);
    case Action::generate:
    case Action::rotate:
    case Action::revoke:
    case Action::doctor:
      return act_on_subjects(model, action, effects);
    case Action::copy_command:
      if (const auto row = model.rows.find(view.scope); row != model.rows.end()) {
        effects.emplace_back(Copy{command_of(row->second.remedy)});
        say(model, "the command was sent to the terminal's clipboard");
      }
      return;
    case Action::interrupt:
      return quit_or_ask(model, effects);
    default: {
      // The view limits the scroll position, so any large number works here.
      constexpr std::size_t most_lines = 500;
      return move_selection(view.scroll, most_lines, static_cast<std::size_t>(std::max(model.size.rows - 6, 1)),
                            action);
    }
  }
}

}  // namespace jackin::tui
