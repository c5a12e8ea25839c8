// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "client/tui/update/screens.hpp"

namespace jackin::tui {

void on_help(Model& model, Action action, Effects& effects) {
  HelpView& view = *top_as<HelpView>(model);
  switch (action) {
    case Action::back:
      return close_top(model);
    case Action::interrupt:
      return quit_or_ask(model, effects);
    default: {
      constexpr std::size_t most_lines = 100;
      return move_selection(view.scroll, most_lines, static_cast<std::size_t>(std::max(model.size.rows - 6, 1)),
                            action);
    }
  }
}

}  // namespace jackin::tui
