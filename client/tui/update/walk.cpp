// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "client/tui/update/screens.hpp"
#include "client/tui/update/walk_stages.hpp"

namespace jackin::tui {
namespace {

using Stage = Walk::Stage;
using Line = Walk::Line;

constexpr const char* default_title = "Claude";
constexpr const char* default_title_of_several = "Claude {ws}";

void finish(Model& model, Effects& effects) {
  const Walk walk = std::move(*top_as<Walk>(model));
  const std::string title = walk.item_title;
  const Place place{.store = SourceKind::op,
                    .account = walk.account,
                    .vault = walk.vault,
                    .item = walk.is_new_item ? title : walk.item,
                    .section = walk.section,
                    .field = walk.field,
                    .label = "1P " + walk.vault_name + "/" + title};
  std::vector<QueuedStart> starts;
  for (const Scope& scope : walk.purpose.scopes) {
    starts.push_back({.kind = OperationKind::setup,
                      .scope = scope,
                      .place = place,
                      .create = walk.purpose.create,
                      .workdir = walk.purpose.workdir});
  }
  start(model, std::move(starts), effects);
}

void choose_section(Walk& walk, const std::string& section, const std::string& name, bool is_new) {
  walk.section = section;
  walk.section_name = name;
  walk.is_new_section = is_new;
}

void take_item(Model& model, Walk& walk, const Line& line, Effects& effects) {
  stop_asking(walk, effects);
  walk.is_new_item = line.kind == Line::Kind::create;
  walk.item = line.id;
  walk.item_title = line.name;
  choose_section(walk, {}, {}, false);
  walk.field.clear();
  walk.sections.clear();
  walk.fields.clear();
  if (walk.is_new_item) {
    enter_stage(walk, Stage::title);
    walk.view.text = walk.purpose.scopes.size() > 1 ? default_title_of_several : default_title;
    return;
  }
  enter_stage(walk, Stage::section);
  ask_again(model, walk, effects);
}

void take_section(Walk& walk, const Line& line, Effects& effects) {
  stop_asking(walk, effects);
  if (line.kind == Line::Kind::create) {
    enter_stage(walk, Stage::section_name);
    return;
  }
  choose_section(walk, line.id, line.kind == Line::Kind::nothing ? std::string() : line.name, false);
  enter_stage(walk, Stage::field);
  list_fields(walk);
}

void take_field(Model& model, Walk& walk, const Line& line, Effects& effects) {
  if (line.kind == Line::Kind::entry) {
    walk.field = line.id;
    return finish(model, effects);
  }
  stop_asking(walk, effects);
  if (line.id == new_section_line) {
    enter_stage(walk, Stage::section_name);
    return;
  }
  enter_stage(walk, Stage::field_name);
  if (!is_field_taken(walk, default_field)) walk.view.text = default_field;
}

void take_name(Model& model, Walk& walk, Effects& effects) {
  const std::string name = walk.view.text;
  if (name.find_first_not_of(' ') == std::string::npos) {
    walk.view.problem = "type a name";
    return;
  }
  switch (walk.view.stage) {
    case Stage::title:
      walk.item_title = name;
      return finish(model, effects);
    case Stage::section_name:
      if (is_section_taken(walk, name)) {
        walk.view.problem = "the item already has a section of this name";
        return;
      }
      choose_section(walk, name, name, true);
      enter_stage(walk, Stage::field);
      return list_fields(walk);
    default:
      if (is_field_taken(walk, name)) {
        walk.view.problem = "the item already has a field of this name";
        return;
      }
      walk.field = name;
      return finish(model, effects);
  }
}

void take(Model& model, Effects& effects) {
  Walk& walk = *top_as<Walk>(model);
  if (context_of(model) == Context::name) return take_name(model, walk, effects);
  const auto lines = filtered_lines(walk.view);
  if (walk.view.selected >= lines.size()) return;
  const Line line = *lines[walk.view.selected];
  if (!line.usable) return say(model, line.name + ": " + (line.note.empty() ? "it cannot be used" : line.note));
  switch (walk.view.stage) {
    case Stage::account:
      walk.account = line.id;
      walk.account_name = line.name;
      enter_stage(walk, Stage::vault);
      return ask_again(model, walk, effects);
    case Stage::vault:
      walk.vault = line.id;
      walk.vault_name = line.name;
      enter_stage(walk, Stage::item);
      return ask_again(model, walk, effects);
    case Stage::item:
      return take_item(model, walk, line, effects);
    case Stage::section:
      return take_section(walk, line, effects);
    default:
      return take_field(model, walk, line, effects);
  }
}

void back(Model& model, Effects& effects) {
  Walk& walk = *top_as<Walk>(model);
  if (!walk.view.filter.empty()) {
    walk.view.filter.clear();
    walk.view.selected = 0;
    return;
  }
  stop_asking(walk, effects);
  walk.failure.reset();
  if (walk.earlier.empty()) return close_top(model);
  walk.view = std::move(walk.earlier.back());
  walk.earlier.pop_back();
  // The user chooses or names the section again.
  const bool has_section = walk.view.stage == Stage::field || walk.view.stage == Stage::field_name;
  if (!has_section) choose_section(walk, {}, {}, false);
}

void erase(Walk& walk, bool all) {
  std::string& text =
      walk.view.stage == Stage::title || walk.view.stage == Stage::section_name || walk.view.stage == Stage::field_name
          ? walk.view.text
          : walk.view.filter;
  if (all) {
    text.clear();
  } else {
    erase_last(text);
  }
  walk.view.problem.clear();
  walk.view.selected = 0;
}

// Lets the user choose the section and the field of a new item.
void choose_field(Walk& walk) {
  if (walk.view.text.find_first_not_of(' ') == std::string::npos) {
    walk.view.problem = "type a name";
    return;
  }
  walk.item_title = walk.view.text;
  enter_stage(walk, Stage::field);
  list_fields(walk);
}

}  // namespace

void open_walk(Model& model, Purpose purpose, Effects& effects) {
  Walk walk;
  walk.purpose = std::move(purpose);
  ask_again(model, walk, effects);
  model.dialogs.emplace_back(std::move(walk));
}

void on_walk(Model& model, Action action, Effects& effects) {
  Walk& walk = *top_as<Walk>(model);
  switch (action) {
    case Action::take:
      return take(model, effects);
    case Action::back:
      return back(model, effects);
    case Action::refresh:
      return ask_again(model, walk, effects);
    case Action::erase:
    case Action::erase_word:
      return erase(walk, action == Action::erase_word);
    case Action::choose_field:
      return choose_field(walk);
    case Action::interrupt:
      return quit_or_ask(model, effects);
    default: {
      const auto page = static_cast<std::size_t>(std::max(model.size.rows - 10, 1));
      return move_selection(walk.view.selected, filtered_lines(walk.view).size(), page, action);
    }
  }
}

}  // namespace jackin::tui
