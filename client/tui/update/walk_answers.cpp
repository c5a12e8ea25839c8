// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <tuple>
#include <utility>

#include "client/tui/update/screens.hpp"
#include "client/tui/update/walk_stages.hpp"

namespace jackin::tui {
namespace {

using WalkStage = Walk::Stage;
using WalkLine = Walk::Line;

bool same_label(std::string_view a, std::string_view b) {
  return a.size() == b.size() && contains(a, b);
}

// Returns the walk that waits for the answer, and closes its request; nullptr if no walk waits for it.
Walk* waiting_walk(Model& model, Ticket ticket) {
  for (Dialog& dialog : model.dialogs) {
    auto* walk = std::get_if<Walk>(&dialog);
    if (walk != nullptr && ticket != 0 && walk->ticket == ticket) {
      walk->ticket = 0;
      walk->asked_at.reset();
      return walk;
    }
  }
  return nullptr;
}

// Shows the lines; the selection stays on its line when they were only refreshed.
void show_lines(const Model& model, Walk& walk, std::vector<WalkLine> lines, std::size_t preset) {
  std::optional<WalkLine> selected;
  const auto before = filtered_lines(walk.view);
  if (walk.view.selected < before.size()) selected = *before[walk.view.selected];
  walk.view.lines = std::move(lines);
  walk.view.from = model.now;
  const auto now_shown = filtered_lines(walk.view);
  const auto same = std::find_if(now_shown.begin(), now_shown.end(), [&](const WalkLine* line) {
    return selected && line->kind == selected->kind && line->id == selected->id;
  });
  if (same != now_shown.end()) {
    walk.view.selected = static_cast<std::size_t>(same - now_shown.begin());
  } else if (!walk.view.filter.empty()) {
    // `preset` is a position among the unfiltered lines.
    select_match(walk.view);
  } else {
    walk.view.selected = std::min(preset, now_shown.empty() ? 0 : now_shown.size() - 1);
  }
}

// The lines of the stage `field` from what is known of the item, and the one that is selected first.
std::pair<std::vector<WalkLine>, std::size_t> field_lines(const Walk& walk) {
  std::vector<WalkLine> lines;
  std::optional<std::size_t> preset;
  if (walk.is_new_item) lines.push_back({.name = std::string(default_field), .note = "the default field"});
  for (const WalkField& field : walk.fields) {
    if (walk.is_new_section || field.section != walk.section) continue;
    if (field.usable && same_label(field.label, default_field)) preset = lines.size();
    std::string note = field.usable && field.has_value ? "its value will be replaced" : field.reason;
    lines.push_back({.id = field.id, .name = field.label, .note = std::move(note), .usable = field.usable});
  }
  const std::size_t new_field = lines.size();
  lines.push_back({.kind = WalkLine::Kind::create, .name = "New field"});
  if (walk.sections.empty() && !walk.is_new_section) {
    lines.push_back({.kind = WalkLine::Kind::create, .id = std::string(new_section_line), .name = "New section"});
  }
  return {std::move(lines), preset.value_or(walk.is_new_item ? 0 : new_field)};
}

void list_sections(const Model& model, Walk& walk) {
  std::vector<WalkLine> lines{{.kind = WalkLine::Kind::nothing, .name = "no section"}};
  for (const WalkSection& section : walk.sections) {
    lines.push_back({.id = section.id, .name = section.label.empty() ? section.id : section.label});
  }
  lines.push_back({.kind = WalkLine::Kind::create, .name = "New section"});
  show_lines(model, walk, std::move(lines), 0);
}

}  // namespace

void enter_stage(Walk& walk, Walk::Stage stage) {
  walk.earlier.push_back(std::move(walk.view));
  walk.view = {.stage = stage};
  walk.failure.reset();
}

void stop_asking(Walk& walk, Effects& effects) {
  if (walk.ticket != 0) effects.emplace_back(StopListing{walk.ticket});
  walk.ticket = 0;
  walk.asked_at.reset();
}

void ask_again(Model& model, Walk& walk, Effects& effects) {
  // The title and the fields of a new item are not requested.
  const bool has_question = walk.view.stage == WalkStage::account || walk.view.stage == WalkStage::vault ||
                            walk.view.stage == WalkStage::item || (!walk.is_new_item && !walk.item.empty());
  if (!has_question) return;
  stop_asking(walk, effects);
  walk.failure.reset();
  walk.ticket = ++model.last_ticket;
  walk.asked_at = model.now;
  switch (walk.view.stage) {
    case WalkStage::account:
      effects.emplace_back(ListAccounts{walk.ticket});
      return;
    case WalkStage::vault:
      effects.emplace_back(ListVaults{walk.ticket, walk.account});
      return;
    case WalkStage::item:
      effects.emplace_back(ListItems{walk.ticket, walk.account, walk.vault});
      return;
    default:
      effects.emplace_back(ListFields{walk.ticket, walk.account, walk.vault, walk.item});
      return;
  }
}

bool is_section_taken(const Walk& walk, std::string_view label) {
  return std::any_of(walk.sections.begin(), walk.sections.end(), [&](const WalkSection& section) {
    return same_label(section.label, label) || section.id == label;
  });
}

bool is_field_taken(const Walk& walk, std::string_view label) {
  return std::any_of(walk.fields.begin(), walk.fields.end(), [&](const WalkField& field) {
    const bool could_be_meant = walk.section.empty() || (!walk.is_new_section && field.section == walk.section);
    return could_be_meant && (same_label(field.label, label) || field.id == label);
  });
}

void list_fields(Walk& walk) {
  std::tie(walk.view.lines, walk.view.selected) = field_lines(walk);
}

void on_walk_answer(Model& model, AccountsArrived&& answer, Effects& effects) {
  Walk* walk = waiting_walk(model, answer.ticket);
  if (walk == nullptr) return;
  if (answer.accounts.size() <= 1) {
    // One account, or a service account: there is nothing to choose.
    if (!answer.accounts.empty()) {
      walk->account = answer.accounts.front().id;
      walk->account_name = answer.accounts.front().name;
    }
    // The typed filter was meant for the first list, which is now the list of vaults.
    walk->view = {.stage = WalkStage::vault, .filter = std::move(walk->view.filter)};
    return ask_again(model, *walk, effects);
  }
  std::vector<WalkLine> lines;
  std::size_t preset = 0;
  for (const WalkAccount& account : answer.accounts) {
    if (account.is_default) preset = lines.size();
    lines.push_back({.id = account.id, .name = account.name});
  }
  show_lines(model, *walk, std::move(lines), preset);
}

void on_walk_answer(Model& model, VaultsArrived&& answer, Effects& /*effects*/) {
  Walk* walk = waiting_walk(model, answer.ticket);
  if (walk == nullptr) return;
  std::vector<WalkLine> lines;
  std::size_t preset = 0;
  for (const WalkVault& vault : answer.vaults) {
    if (vault.is_default) preset = lines.size();
    lines.push_back({.id = vault.id, .name = vault.name});
  }
  show_lines(model, *walk, std::move(lines), preset);
}

void on_walk_answer(Model& model, ItemsArrived&& answer, Effects& /*effects*/) {
  Walk* walk = waiting_walk(model, answer.ticket);
  if (walk == nullptr) return;
  const bool is_for_several = walk->purpose.scopes.size() > 1;
  std::vector<WalkLine> lines{{.kind = WalkLine::Kind::create, .name = "New item"}};
  for (const WalkItem& item : answer.items) {
    WalkLine line{.id = item.id, .name = item.title, .note = item.category, .usable = item.usable};
    if (!item.usable && !item.reason.empty()) line.note = item.reason;
    if (is_for_several && line.usable) {
      line.usable = false;
      line.note = "holds one token; you marked " + std::to_string(walk->purpose.scopes.size()) + " rows";
    }
    lines.push_back(std::move(line));
  }
  show_lines(model, *walk, std::move(lines), 0);
}

void on_walk_answer(Model& model, FieldsArrived&& answer, Effects& /*effects*/) {
  Walk* walk = waiting_walk(model, answer.ticket);
  if (walk == nullptr) return;
  if (walk->view.stage != WalkStage::section && walk->view.stage != WalkStage::field) return;
  walk->sections = std::move(answer.sections);
  walk->fields = std::move(answer.fields);
  if (walk->view.stage == WalkStage::section && !walk->sections.empty()) return list_sections(model, *walk);
  if (walk->view.stage == WalkStage::section) walk->view.lines.clear();
  walk->view.stage = WalkStage::field;
  auto [lines, preset] = field_lines(*walk);
  show_lines(model, *walk, std::move(lines), preset);
}

void on_walk_answer(Model& model, ListingFailed&& answer, Effects& /*effects*/) {
  Walk* walk = waiting_walk(model, answer.ticket);
  if (walk == nullptr) return;
  walk->failure = std::move(answer.failure);
  walk->typed_ahead.clear();
}

}  // namespace jackin::tui
