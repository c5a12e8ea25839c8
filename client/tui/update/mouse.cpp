// SPDX-License-Identifier: Apache-2.0
#include "client/tui/update/screens.hpp"

namespace jackin::tui {
namespace {

// The scope of the panel line at a row of the screen.
std::optional<Scope> scope_at(const Model& model, int row) {
  const PanelLayout layout = panel_layout(model);
  const std::vector<PanelLine> lines = panel_lines(model);
  if (row < layout.list || row >= layout.list + layout.lines) return std::nullopt;
  const std::size_t index = layout.first + static_cast<std::size_t>(row - layout.list);
  if (index >= lines.size()) return std::nullopt;
  return lines[index].row->scope;
}

}  // namespace

void on_mouse(Model& model, const Mouse& mouse, Effects& effects) {
  const Context context = context_of(model);
  const bool is_wheel = mouse.kind == Mouse::Kind::wheel_up || mouse.kind == Mouse::Kind::wheel_down;
  if (is_wheel && context != Context::asking) {
    // The wheel acts as an arrow key, if the table binds that key to a movement.
    const Key key{.name = mouse.kind == Mouse::Kind::wheel_up ? KeyName::up : KeyName::down};
    const auto action = action_for(model, key);
    if (action != Action::up && action != Action::down) return;
    Pressed pressed;
    pressed.chunk.emplace_back(key);
    for (Effect& effect : update(model, std::move(pressed))) effects.push_back(std::move(effect));
    return;
  }
  if (mouse.kind != Mouse::Kind::press || mouse.button != 0) return;
  if (context != Context::panel && context != Context::filter) return;
  const std::optional<Scope> scope = scope_at(model, mouse.row);
  if (!scope) return;
  const bool was_selected = model.panel.selected == scope;
  model.panel.selected = scope;
  const bool opens = applies(Action::resume, model) || applies(Action::details, model);
  if (was_selected && context == Context::panel && opens) on_panel(model, Action::details, effects);
}

}  // namespace jackin::tui
