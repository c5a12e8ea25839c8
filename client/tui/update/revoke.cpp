// SPDX-License-Identifier: Apache-2.0
#include "client/tui/update/screens.hpp"

namespace jackin::tui {

void on_revoke(Model& model, Action action, Effects& effects) {
  RevokeBox& box = *top_as<RevokeBox>(model);
  switch (action) {
    case Action::tick:
      box.delete_item = !box.delete_item;
      return;
    case Action::previous_choice:
    case Action::next_choice:
      box.yes_selected = !box.yes_selected;
      return;
    case Action::take:
      return on_revoke(model, box.yes_selected ? Action::yes : Action::no, effects);
    case Action::yes: {
      const RevokeBox confirmed = box;
      close_top(model);
      return start_revoke(model, confirmed.scopes, confirmed.delete_item, effects);
    }
    case Action::no:
    case Action::back:
      return close_top(model);
    case Action::interrupt:
      return quit_or_ask(model, effects);
    default:
      return;
  }
}

}  // namespace jackin::tui
