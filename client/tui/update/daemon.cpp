// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "client/tui/update/screens.hpp"

namespace jackin::tui {
namespace {

bool is_in_revoke_box(const Model& model, const Scope& scope) {
  return std::any_of(model.dialogs.begin(), model.dialogs.end(), [&](const Dialog& dialog) {
    const auto* box = std::get_if<RevokeBox>(&dialog);
    return box != nullptr && std::find(box->scopes.begin(), box->scopes.end(), scope) != box->scopes.end();
  });
}

}  // namespace

void say(Model& model, std::string text, OperationNumber operation) {
  constexpr std::chrono::seconds shown_for{8};
  model.toast = Toast{std::move(text), model.now + shown_for, operation};
}

void close_top(Model& model) {
  if (!model.dialogs.empty()) model.dialogs.pop_back();
}

void on_link(Model& model, Link link, Effects& effects) {
  const bool was_live = model.link.state == Link::State::live;
  const auto since = was_live ? std::nullopt : model.link.since;
  model.link = std::move(link);
  model.details_asked.clear();
  if (model.link.state == Link::State::live) {
    ++model.connection;
    model.holds_queue = false;
    return ask_stores_again(model, effects);
  }
  model.panel.typed_ahead.clear();
  if (!model.link.since) model.link.since = since;
  if (was_live && !model.link.since) model.link.since = model.now;
  // After the reconnection Watch reports operations of other clients again. Those begun here end on their own streams.
  std::erase_if(model.operations, [&](const Operation& operation) {
    const bool is_shown = std::any_of(model.dialogs.begin(), model.dialogs.end(), [&](const Dialog& dialog) {
      const auto* view = std::get_if<OperationView>(&dialog);
      return view != nullptr && view->number == operation.number;
    });
    return !operation.is_own && !is_shown && !operation.runs_to_end && !operation.is_lost;
  });
  for (Operation& operation : model.operations) operation.is_lost |= !operation.is_own && !operation.has_ended();
}

void on_picture(Model& model, std::vector<Row> rows) {
  model.has_rows = true;
  model.rows.clear();
  model.details_asked.clear();
  for (Row& row : rows) {
    const Scope scope = row.scope;
    model.rows.insert_or_assign(scope, std::move(row));
  }
  std::erase_if(model.panel.marks, [&](const Scope& scope) { return !model.rows.contains(scope); });
}

void on_row(Model& model, Row row, Effects& effects) {
  const Scope scope = row.scope;
  model.details_asked.erase(scope);
  const auto known = model.rows.find(scope);
  const bool had_details = known != model.rows.end() && known->second.has_details && !known->second.is_expected;
  // Those of the same token are shown until they come anew.
  row.has_details = had_details && known->second.fingerprint == row.fingerprint && known->second.source == row.source;
  if (row.has_details) {
    row.details_are_old = true;
    row.shared_with = known->second.shared_with;
    row.holders = known->second.holders;
    row.history = known->second.history;
    row.can_delete = known->second.can_delete;
  }
  model.rows.insert_or_assign(scope, std::move(row));
  update_revoke_boxes(model);
  if (is_in_revoke_box(model, scope)) ask_details(model, scope, effects);
}

void on_row_removed(Model& model, const Scope& scope) {
  model.rows.erase(scope);
  model.panel.marks.erase(scope);
  model.details_asked.erase(scope);
  update_revoke_boxes(model);
}

void on_details(Model& model, DetailsArrived&& message) {
  const Scope scope = message.row.scope;
  const auto asked = model.details_asked.find(scope);
  // The row has changed or is gone, or they were asked for anew.
  if (asked == model.details_asked.end() || asked->second != message.ticket) return;
  model.details_asked.erase(asked);
  if (!is_known(model, scope)) return;
  message.row.has_details = true;
  model.rows.insert_or_assign(scope, std::move(message.row));
  update_revoke_boxes(model);
}

std::size_t line_of_selection(const Model& model) {
  const std::vector<PanelLine> lines = panel_lines(model);
  return lines.empty() ? 0 : selected_line(model, lines);
}

void keep_selection(Model& model, std::size_t line) {
  const std::vector<PanelLine> lines = panel_lines(model);
  if (lines.empty()) return;
  std::optional<Scope>& selected = model.panel.selected;
  if (!selected) {
    // While there is nothing but global, a row that comes is still to be selected.
    const Scope& first = lines[selected_line(model, lines)].row->scope;
    if (!first.is_global()) selected = first;
    return;
  }
  const bool is_listed =
      std::any_of(lines.begin(), lines.end(), [&](const PanelLine& one) { return one.row->scope == *selected; });
  if (is_listed) return;
  selected = lines[std::min(line, lines.size() - 1)].row->scope;
}

void select_created(Model& model) {
  if (model.panel.created && is_known(model, *model.panel.created))
    model.panel.selected = std::exchange(model.panel.created, std::nullopt);
}

void ask_details(Model& model, const Scope& scope, Effects& effects) {
  const auto [asked, is_new] = model.details_asked.try_emplace(scope, model.last_details_ticket + 1);
  if (!is_new) return;
  ++model.last_details_ticket;
  effects.emplace_back(WantDetails{scope, asked->second});
}

void want_details(Model& model, Effects& effects) {
  if (model.link.state != Link::State::live || !model.has_rows) return;
  const Row* row = selected_row(model);
  if (row == nullptr || row->is_expected || (row->has_details && !row->details_are_old)) return;
  ask_details(model, row->scope, effects);
}

}  // namespace jackin::tui
