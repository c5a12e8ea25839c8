// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "client/tui/update/screens.hpp"

namespace jackin::tui {
namespace {

bool has_details(const Row& row) {
  return row.has_details && !row.details_are_old;
}

// Whether the details of all rows of a box are known.
bool has_details(const Model& model, const RevokeBox& box) {
  return std::all_of(box.scopes.begin(), box.scopes.end(),
                     [&](const Scope& scope) { return has_details(model.rows.at(scope)); });
}

}  // namespace

void update_revoke_boxes(Model& model) {
  for (Dialog& dialog : model.dialogs) {
    auto* box = std::get_if<RevokeBox>(&dialog);
    if (box == nullptr) continue;
    std::erase_if(box->scopes, [&](const Scope& scope) { return !model.rows.contains(scope); });
    const bool is_known = has_details(model, *box);
    box->can_delete = is_known && std::any_of(box->scopes.begin(), box->scopes.end(),
                                              [&](const Scope& scope) { return model.rows.at(scope).can_delete; });
    if (is_known && !box->can_delete) box->delete_item = false;
  }
  std::erase_if(model.dialogs, [](const Dialog& dialog) {
    const auto* box = std::get_if<RevokeBox>(&dialog);
    return box != nullptr && box->scopes.empty();
  });
}

void want_details_of_boxes(Model& model, Effects& effects) {
  for (const Dialog& dialog : model.dialogs) {
    const auto* box = std::get_if<RevokeBox>(&dialog);
    if (box == nullptr) continue;
    for (const Scope& scope : box->scopes) {
      if (!has_details(model.rows.at(scope))) ask_details(model, scope, effects);
    }
  }
}

void on_revoke(Model& model, Action action, Effects& effects) {
  if (action == Action::interrupt) return quit_or_ask(model, effects);
  RevokeBox& box = *top_as<RevokeBox>(model);
  if (action == Action::tick) box.delete_item = !box.delete_item;
  const auto decision = decided(box.yes_selected, action);
  if (!decision) return;
  if (!*decision) return close_top(model);
  // The tick was set, and what it means is being asked for anew.
  if (box.delete_item && !box.can_delete)
    return say(model, "the details are being read again; confirm again in a moment");
  const RevokeBox confirmed = box;
  close_top(model);
  start_revoke(model, confirmed.scopes, confirmed.delete_item, effects);
}

}  // namespace jackin::tui
