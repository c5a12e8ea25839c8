// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
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

void say(Model& model, std::string text) {
  constexpr std::chrono::seconds shown_for{8};
  model.toast = Toast{std::move(text), model.now + shown_for};
}

void close_top(Model& model) {
  if (!model.dialogs.empty()) model.dialogs.pop_back();
}

void on_link(Model& model, Link link, Effects& effects) {
  const bool was_live = model.link.state == Link::State::live;
  const auto since = was_live ? std::nullopt : model.link.since;
  model.link = std::move(link);
  model.wants_details_of.reset();
  if (model.link.state == Link::State::live) return ask_stores_again(model, effects);
  model.panel.typed_ahead.clear();
  if (!model.link.since) model.link.since = since;
  if (was_live && !model.link.since) model.link.since = model.now;
  // After the reconnection Watch reports operations of other clients again. Those begun here end on their own streams.
  std::erase_if(model.operations, [&](const Operation& operation) {
    const bool is_shown = std::any_of(model.dialogs.begin(), model.dialogs.end(), [&](const Dialog& dialog) {
      const auto* view = std::get_if<OperationView>(&dialog);
      return view != nullptr && view->number == operation.number;
    });
    return !operation.is_own && !is_shown && !operation.runs_to_end;
  });
  for (Operation& operation : model.operations) operation.is_lost |= !operation.is_own && !operation.has_ended();
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

void on_row(Model& model, Row row, Effects& effects) {
  const Scope scope = row.scope;
  const bool brings_details = row.has_details;
  if (const auto known = model.rows.find(scope); known != model.rows.end() && !brings_details) {
    // What is known of the same token stays until it is told anew.
    const Row& before = known->second;
    if (before.has_details && before.fingerprint == row.fingerprint && before.source == row.source) {
      row.has_details = true;
      row.shared_with = before.shared_with;
      row.holders = before.holders;
      row.history = before.history;
      row.can_delete = before.can_delete;
    }
  }
  const bool lacks_details = !row.has_details;
  model.rows.insert_or_assign(scope, std::move(row));
  update_revoke_boxes(model);
  if (lacks_details && is_in_revoke_box(model, scope)) effects.emplace_back(WantDetails{scope});
  if (brings_details) {
    if (model.wants_details_of == scope) model.wants_details_of.reset();
    return;
  }
  const Row* selected = selected_row(model);
  if (selected == nullptr || selected->scope != scope || model.link.state != Link::State::live) return;
  model.wants_details_of = scope;
  effects.emplace_back(WantDetails{scope});
}

std::size_t line_of_selection(const Model& model) {
  const std::vector<PanelLine> lines = panel_lines(model);
  return lines.empty() ? 0 : selected_line(model, lines);
}

void keep_selection(Model& model, std::size_t line) {
  const std::vector<PanelLine> lines = panel_lines(model);
  if (lines.empty()) return;
  const bool is_listed = model.panel.selected && std::any_of(lines.begin(), lines.end(), [&](const PanelLine& one) {
                           return one.row->scope == *model.panel.selected;
                         });
  if (!is_listed) model.panel.selected = lines[std::min(line, lines.size() - 1)].row->scope;
}

void want_details(Model& model, Effects& effects) {
  if (model.link.state != Link::State::live || !model.has_rows) return;
  const Row* row = selected_row(model);
  if (row == nullptr || row->has_details || model.wants_details_of == row->scope) return;
  model.wants_details_of = row->scope;
  effects.emplace_back(WantDetails{row->scope});
}

}  // namespace jackin::tui
