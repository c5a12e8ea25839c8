// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "client/tui/update/screens.hpp"
#include "client/tui/update/walk_stages.hpp"

namespace jackin::tui {
namespace {

// No store or file system accepts a longer name.
constexpr std::size_t longest_text = 1000;

}  // namespace

void select_match(Walk::View& view) {
  const auto lines = filtered_lines(view);
  const auto at = std::find_if(lines.begin(), lines.end(), [](const Walk::Line* line) {
    return line->kind == Walk::Line::Kind::entry && line->usable;
  });
  const bool has_match = !view.filter.empty() && at != lines.end();
  view.selected = has_match ? static_cast<std::size_t>(at - lines.begin()) : 0;
}

void erase_last(std::string& text) {
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
  if (!text.empty()) text.pop_back();
}

void move_selection(std::size_t& selected, std::size_t count, std::size_t page, Action action) {
  if (count == 0) return;
  selected = std::min(selected, count - 1);
  switch (action) {
    case Action::up:
      selected -= std::min<std::size_t>(selected, 1);
      return;
    case Action::down:
      selected = std::min(selected + 1, count - 1);
      return;
    case Action::page_up:
      selected -= std::min(selected, page);
      return;
    case Action::page_down:
      selected = std::min(selected + page, count - 1);
      return;
    case Action::first:
      selected = 0;
      return;
    case Action::last:
      selected = count - 1;
      return;
    default:
      return;
  }
}

void on_text(Model& model, std::string_view text, Effects& /*effects*/) {
  const auto add = [&](std::string& field) {
    if (field.size() + text.size() <= longest_text) field.append(text);
  };
  if (auto* walk = top_as<Walk>(model)) {
    if (context_of(model) == Context::walk) {
      add(walk->view.filter);
      select_match(walk->view);
    } else {
      add(walk->view.text);
      walk->view.problem.clear();
    }
  } else if (auto* role = top_as<RoleBox>(model)) {
    add(role->text);
    role->problem.clear();
  } else if (auto* workspace = top_as<WorkspaceBox>(model)) {
    add(workspace->in_folder ? workspace->folder : workspace->name);
    workspace->problem.clear();
  } else if (model.panel.is_filtering) {
    add(model.panel.filter);
    const auto lines = panel_lines(model);
    const auto at = std::find_if(lines.begin(), lines.end(), [&](const PanelLine& line) {
      return contains(line.row->scope.str(), model.panel.filter);
    });
    if (!lines.empty()) model.panel.selected = (at == lines.end() ? lines.front() : *at).row->scope;
  }
}

}  // namespace jackin::tui
