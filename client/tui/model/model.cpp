// SPDX-License-Identifier: Apache-2.0
#include "client/tui/model/model.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace jackin::tui {
namespace {

// A workspace and its roles, which stay together when sorted.
struct Group {
  const Row* workspace = nullptr;
  std::vector<const Row*> roles{};
};

int urgency_rank(const Model& model, const Row& row) {
  if (row.mark == HealthMark::blocked) return 0;
  if (row.mark == HealthMark::soon) return 1;
  if (running_operation(model, row.scope) != nullptr) return 2;
  return row.mark == HealthMark::fine ? 3 : 4;
}

template <typename Value>
auto least(const Group& group, Value value) {
  auto best = value(*group.workspace);
  for (const Row* role : group.roles) best = std::min(best, value(*role));
  return best;
}

bool passes(const Row& row, const std::string& filter) {
  return contains(row.scope.str(), filter) || contains(row.source, filter) || contains(row.verdict, filter);
}

// Smaller comes first; groups with the same key are sorted by name.
long long key_of(const Model& model, const Group& group) {
  constexpr long long last = std::numeric_limits<long long>::max();
  switch (model.panel.sort) {
    case Sort::worst:
      return least(group, [&](const Row& row) { return urgency_rank(model, row); });
    case Sort::name:
      return 0;
    case Sort::days_left:
      return least(group, [](const Row& row) { return row.days_left ? static_cast<long long>(*row.days_left) : last; });
    case Sort::checked:
      return least(group, [](const Row& row) {
        return row.checked_at ? static_cast<long long>(row.checked_at->time_since_epoch().count()) : last;
      });
  }
  return 0;
}

constexpr int header_rows = 2;
constexpr int most_detail_rows = 8;

}  // namespace

std::vector<PanelLine> panel_lines(const Model& model) {
  const std::string& filter = model.panel.filter;
  std::vector<PanelLine> lines;
  std::vector<Group> groups;
  for (const auto& [scope, row] : model.rows) {
    if (scope.is_global()) {
      if (passes(row, filter)) lines.push_back({&row});
    } else if (scope.has_role() && !groups.empty() &&
               groups.back().workspace->scope.workspace_name() == scope.workspace_name()) {
      groups.back().roles.push_back(&row);
    } else {
      // A workspace, or a role whose workspace is not known.
      groups.push_back({.workspace = &row});
    }
  }
  std::vector<std::pair<long long, const Group*>> order;
  order.reserve(groups.size());
  for (const Group& group : groups) order.emplace_back(key_of(model, group), &group);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [key, group] : order) {
    const bool is_closed = model.panel.closed.contains(group->workspace->scope.workspace_name()) && filter.empty();
    std::vector<const Row*> roles;
    for (const Row* role : group->roles) {
      if (passes(*role, filter)) roles.push_back(role);
    }
    if (roles.empty() && !passes(*group->workspace, filter)) continue;
    lines.push_back({group->workspace, group->workspace->scope.has_role(), is_closed ? roles.size() : 0});
    if (is_closed) continue;
    for (const Row* role : roles) lines.push_back({role, true});
  }
  return lines;
}

std::size_t selected_line(const Model& model, const std::vector<PanelLine>& lines) {
  if (!model.panel.selected) {
    const auto first =
        std::find_if(lines.begin(), lines.end(), [](const PanelLine& line) { return !line.row->scope.is_global(); });
    return first == lines.end() ? 0 : static_cast<std::size_t>(first - lines.begin());
  }
  const auto at = std::find_if(lines.begin(), lines.end(),
                               [&](const PanelLine& line) { return line.row->scope == *model.panel.selected; });
  return at == lines.end() ? 0 : static_cast<std::size_t>(at - lines.begin());
}

const Row* selected_row(const Model& model) {
  // Called for each binding of the footer, so it avoids building the list if possible.
  if (model.panel.selected && model.panel.filter.empty()) {
    const auto at = model.rows.find(*model.panel.selected);
    const bool is_listed =
        at != model.rows.end() && !(at->first.has_role() && model.panel.closed.contains(at->first.workspace_name()));
    if (is_listed) return &at->second;
  }
  const std::vector<PanelLine> lines = panel_lines(model);
  if (lines.empty()) return nullptr;
  const Row* row = lines[selected_line(model, lines)].row;
  // A key that was meant for a row must not act on another one.
  return !model.panel.selected || row->scope == *model.panel.selected ? row : nullptr;
}

bool is_known(const Model& model, const Scope& scope) {
  const auto at = model.rows.find(scope);
  return at != model.rows.end() && !at->second.is_expected;
}

bool is_empty_panel(const Model& model) {
  if (!model.has_rows || model.link.state != Link::State::live) return false;
  const bool has_workspace =
      std::any_of(model.rows.begin(), model.rows.end(), [](const auto& entry) { return !entry.first.is_global(); });
  const bool has_global_token =
      std::any_of(model.rows.begin(), model.rows.end(), [](const auto& entry) { return entry.second.has_token; });
  return !has_workspace && !has_global_token && model.operations.empty();
}

const Operation* running_operation(const Model& model, const Scope& scope) {
  const auto at = std::find_if(model.operations.rbegin(), model.operations.rend(), [&](const Operation& operation) {
    return operation.scope == scope && !operation.has_ended();
  });
  return at == model.operations.rend() ? nullptr : &*at;
}

bool is_queued(const Model& model, const Scope& scope) {
  return std::any_of(model.queue.begin(), model.queue.end(),
                     [&](const QueuedStart& one) { return one.scope == scope; });
}

const Operation* find_operation(const Model& model, OperationNumber number) {
  const auto at = std::find_if(model.operations.begin(), model.operations.end(),
                               [&](const Operation& operation) { return operation.number == number; });
  return at == model.operations.end() ? nullptr : &*at;
}

Operation* find_operation(Model& model, OperationNumber number) {
  return const_cast<Operation*>(find_operation(std::as_const(model), number));  // NOLINT(*-const-cast): ours
}

const Operation* selected_operation(const Model& model) {
  const Row* row = model.panel.marks.empty() ? selected_row(model) : nullptr;
  return row == nullptr ? nullptr : running_operation(model, row->scope);
}

bool shows_qr(const Model& model, const OperationView& view) {
  const Operation* operation = find_operation(model, view.number);
  if (operation == nullptr || !view.wants_qr || view.is_menu_open) return false;
  const CellSize needed = operation->qr;
  return operation->asks_here() && !operation->question && needed.rows > 0 && needed.rows <= model.size.rows &&
         needed.columns <= model.size.columns;
}

const Scope* shown_scope(const Model& model) {
  if (const auto* details = top_as<DetailsView>(model)) return &details->scope;
  const auto* doctor = top_as<DoctorView>(model);
  if (doctor == nullptr) return nullptr;
  if (doctor->selected < doctor->findings.size()) return &doctor->findings[doctor->selected].first;
  return doctor->scopes.size() == 1 ? &doctor->scopes.front() : nullptr;
}

bool awaits_list(const Model& model) {
  if (model.dialogs.empty()) {
    const bool is_coming = model.link.state == Link::State::connecting || model.link.state == Link::State::live;
    return !model.has_rows && !model.panel.is_filtering && is_coming;
  }
  if (const auto* picker = top_as<StorePicker>(model)) return model.stores.empty() && !picker->failure;
  const auto* walk = top_as<Walk>(model);
  return walk != nullptr && walk->ticket != 0 && !walk->view.from && walk->view.lines.empty();
}

const Operation* open_consent(const Model& model) {
  const auto at = std::find_if(model.operations.begin(), model.operations.end(), [](const Operation& operation) {
    const bool mints = operation.kind == OperationKind::setup || operation.kind == OperationKind::rotate;
    return mints && operation.needs_us();
  });
  return at == model.operations.end() ? nullptr : &*at;
}

PanelLayout panel_layout(const Model& model) {
  const int rows = model.size.rows;
  const bool is_small = rows < fewest_rows;
  PanelLayout layout;
  layout.footer = is_small ? 1 : 2;
  if (model.link.state != Link::State::live && model.link.state != Link::State::connecting && rows > 7) {
    layout.banner = is_small ? 1 : 4;
  }
  int top = header_rows + layout.banner;
  const bool has_toast = model.toast && model.toast->until > model.now;
  const bool has_filter = model.panel.is_filtering || !model.panel.filter.empty();
  int bottom = rows - layout.footer - (is_small ? 0 : 1) - (has_toast || has_filter ? 1 : 0);
  layout.heading = is_small ? -1 : top++;
  layout.list = top;
  const std::vector<PanelLine> lines = panel_lines(model);
  const int wanted = std::max(static_cast<int>(lines.size()), 1);
  if (!is_small && !lines.empty()) {
    // The list keeps at least half of the rows, if it needs them.
    const int space = bottom - top;
    layout.details = std::min(most_detail_rows, std::max(space - wanted, space / 2));
    if (layout.details < 3) layout.details = 0;
  }
  layout.lines = std::max(bottom - layout.details - top, 1);
  // The list scrolls only if the selection leaves it, so that a second click hits the same row.
  const auto shown = static_cast<std::size_t>(layout.lines);
  if (lines.size() > shown) {
    const std::size_t selected = selected_line(model, lines);
    const std::size_t least = selected + 1 - std::min(selected + 1, shown);
    layout.first = std::min(std::clamp(model.panel.first, least, selected), lines.size() - shown);
  }
  return layout;
}

bool has_pane_frame(CellSize screen) {
  constexpr int narrowest = 24;
  return screen.rows >= fewest_rows && screen.columns >= narrowest;
}

CellSize claude_size(CellSize screen) {
  constexpr int frame_columns = 4;
  return {screen.rows, std::max(screen.columns - (has_pane_frame(screen) ? frame_columns : 0), 1)};
}

}  // namespace jackin::tui
