// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <utility>

#include "client/tui/update/screens.hpp"

namespace jackin::tui {

void say(Model& model, std::string text) {
  constexpr std::chrono::seconds shown_for{8};
  model.toast = Toast{std::move(text), model.now + shown_for};
}

void close_top(Model& model) {
  if (!model.dialogs.empty()) model.dialogs.pop_back();
}

void on_link(Model& model, Link link, Effects& /*effects*/) {
  const bool was_live = model.link.state == Link::State::live;
  model.link = std::move(link);
  if (model.link.state == Link::State::live) return;
  if (was_live && !model.link.since) model.link.since = model.now;
  // Operations of other clients are told anew after the reconnection. Those begun here end by their own streams.
  std::erase_if(model.operations, [&](const Operation& operation) {
    const bool is_shown = std::any_of(model.dialogs.begin(), model.dialogs.end(), [&](const Dialog& dialog) {
      const auto* view = std::get_if<OperationView>(&dialog);
      return view != nullptr && view->number == operation.number;
    });
    return !operation.is_own && !is_shown && !operation.runs_to_end;
  });
}

void on_picture(Model& model, std::vector<Row> rows) {
  model.has_rows = true;
  model.rows.clear();
  for (Row& row : rows) {
    const Scope scope = row.scope;
    model.rows.insert_or_assign(scope, std::move(row));
  }
  std::erase_if(model.panel.marks, [&](const Scope& scope) { return !model.rows.contains(scope); });
}

}  // namespace jackin::tui
