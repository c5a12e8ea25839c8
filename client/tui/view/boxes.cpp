// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "client/terminal/text.hpp"
#include "client/tui/view/screens.hpp"

namespace jackin::tui {
namespace {

int box_columns(const Model& model) {
  return std::max(std::min(model.size.columns - 6, 72), 20);
}

Line centered(std::string_view text, int columns, TextStyle style = TextStyle::plain) {
  const int width = client::display_width(client::drawable(text));
  Line line;
  if (columns > width) line.to((columns - width) / 2);
  return line.add(text, style);
}

void add_text(Lines& lines, std::string_view text, int inner) {
  for (const std::string& part : wrapped(text, inner - 5)) lines.push_back(Line("   ").add(part));
}

// "Y  revoke         ▸ N  keep". The arrow marks the selected answer, so that it is visible without colours.
Line yes_or_no(std::string_view yes, std::string_view no, bool yes_selected, int inner, const Theme& theme) {
  const std::string_view arrow = theme.glyph("▸ ", "> ");
  Line line;
  line.to(std::max((inner - 30) / 2, 1));
  line.add(yes_selected ? arrow : "  ").add("Y", TextStyle::strong).add("  ").add(yes);
  line.to(std::max(line.width() + 3, inner / 2 + 3));
  return line.add(yes_selected ? "  " : arrow).add("N", TextStyle::strong).add("  ").add(no);
}

std::string names_of(const std::vector<Scope>& scopes) {
  if (scopes.size() == 1) return scopes.front().str();
  return std::to_string(scopes.size()) + " rows";
}

std::string list_of(const std::vector<Scope>& scopes) {
  constexpr std::size_t most = 4;
  std::string text;
  for (std::size_t at = 0; at < std::min(most, scopes.size()); ++at) {
    if (at > 0) text += ", ";
    text += scopes[at].str();
  }
  if (scopes.size() > most) text += " and " + std::to_string(scopes.size() - most) + " more";
  return text;
}

// The roles below a workspace that have a token of their own.
std::vector<std::string> roles_with_tokens(const Model& model, const Scope& scope) {
  std::vector<std::string> roles;
  if (scope.has_role() || scope.is_global()) return roles;
  for (const auto& [other, row] : model.rows) {
    if (other.has_role() && other.workspace_name() == scope.workspace_name() && row.has_token) {
      roles.push_back(other.role_name());
    }
  }
  return roles;
}

std::string effect_text(const Model& model, const RevokeBox& box) {
  if (box.scopes.size() > 1) return list_of(box.scopes) + " will start without a Claude token.";
  const Scope& scope = box.scopes.front();
  std::string text = scope.is_global() ? "Workspaces without their own token will start without a Claude token."
                                       : scope.str() + " will start without a Claude token.";
  const auto roles = roles_with_tokens(model, scope);
  if (roles.size() == 1) text += " " + roles.front() + " keeps its own token.";
  if (roles.size() > 1) text += " " + std::to_string(roles.size()) + " roles keep their own tokens.";
  return text;
}

std::string use_text(const Model& model, const RevokeBox& box) {
  std::vector<Holder> holders;
  for (const Scope& scope : box.scopes) {
    const auto row = model.rows.find(scope);
    if (row != model.rows.end()) holders.insert(holders.end(), row->second.holders.begin(), row->second.holders.end());
  }
  if (holders.empty()) return {};
  constexpr std::size_t most = 4;
  std::string text =
      std::to_string(holders.size()) + (holders.size() == 1 ? " process uses it now: " : " processes use it now: ");
  for (std::size_t at = 0; at < std::min(most, holders.size()); ++at) {
    if (at > 0) text += ", ";
    text += holders[at].command + "[" + std::to_string(holders[at].pid) + "]";
  }
  if (holders.size() > most) return text + " and " + std::to_string(holders.size() - most) + " more.";
  return text + ".";
}

}  // namespace

ftxui::Element revoke_box(const Model& model, const RevokeBox& box, const Theme& theme) {
  const int columns = box_columns(model);
  const int inner = columns - 2;
  const bool is_small = model.size.rows < fewest_rows;
  Lines lines;
  const auto blank = [&] {
    if (!is_small) lines.emplace_back();
  };
  blank();
  lines.push_back(centered(box.scopes.size() == 1 ? "Revoke the token of " + names_of(box.scopes) + "?"
                                                  : "Revoke the tokens of " + names_of(box.scopes) + "?",
                           inner, TextStyle::strong));
  blank();
  add_text(lines, effect_text(model, box), inner);
  if (const std::string use = use_text(model, box); !use.empty()) add_text(lines, use, inner);
  add_text(lines,
           std::string(box.scopes.size() == 1 ? "The token stays valid until you remove it"
                                              : "The tokens stay valid until you remove them") +
               " at claude.ai, Settings, Claude Code.",
           inner);
  blank();
  if (box.can_delete) {
    const auto row = box.scopes.size() == 1 ? model.rows.find(box.scopes.front()) : model.rows.end();
    std::string what = row == model.rows.end() ? std::string() : row->second.source;
    const std::string_view tick = box.delete_item ? "[x] " : "[ ] ";
    what = what.empty() ? "delete the stored tokens that jackind created" : "delete the stored token too: " + what;
    bool is_first = true;
    for (const std::string& part : wrapped(what, inner - 9)) {
      lines.push_back(Line("   ").add(is_first ? tick : "    ", TextStyle::strong).add(part));
      is_first = false;
    }
    blank();
  }
  lines.push_back(yes_or_no("revoke", "keep", box.yes_selected, inner, theme));
  blank();
  return boxed(std::move(lines), "Confirm", columns, theme);
}

ftxui::Element quit_box(const Model& model, const QuitBox& box, const Theme& theme) {
  const int columns = box_columns(model);
  Lines lines(1);
  const Operation* operation = open_consent(model);
  const std::string scope = operation == nullptr ? std::string() : operation->scope.str();
  lines.push_back(centered("Quit?", columns - 2, TextStyle::strong));
  lines.emplace_back();
  if (!scope.empty()) {
    add_text(lines, "The new token of " + scope + " waits for your consent.", columns - 2);
    add_text(lines, "Quitting cancels it.", columns - 2);
  }
  for (const Operation& running : model.operations) {
    if (running.kind == OperationKind::revoke && running.needs_us()) {
      add_text(lines, "Quitting cancels the revocation of " + running.scope.str() + ", if nothing is changed yet.",
               columns - 2);
    }
    if (running.is_own && running.question) {
      add_text(lines, "jackind asks what to do with the new token of " + running.scope.str() + ".", columns - 2);
      add_text(lines, "Quitting ends this operation: jackind keeps the token in a store and does not configure it.",
               columns - 2);
    }
  }
  if (!model.queue.empty()) {
    add_text(lines, std::to_string(model.queue.size()) + " more in the queue will not start.", columns - 2);
  }
  const auto finishes = std::count_if(model.operations.begin(), model.operations.end(), [](const Operation& one) {
    return one.is_own && !one.has_ended() && one.runs_to_end && !one.question;
  });
  if (finishes > 0) {
    add_text(lines,
             finishes == 1 ? "jackind finishes the other operation by itself."
                           : "jackind finishes the other " + std::to_string(finishes) + " operations by itself.",
             columns - 2);
  }
  lines.emplace_back();
  lines.push_back(yes_or_no("quit", "stay", box.yes_selected, columns - 2, theme));
  lines.emplace_back();
  return boxed(std::move(lines), "Quit", columns, theme);
}

ftxui::Element cancel_box(const Model& model, const CancelBox& box, const Theme& theme) {
  const int columns = box_columns(model);
  Lines lines(1);
  const Operation* operation = find_operation(model, box.number);
  lines.push_back(centered("Cancel?", columns - 2, TextStyle::strong));
  lines.emplace_back();
  if (operation == nullptr) {
    add_text(lines, "This operation has ended.", columns - 2);
  } else {
    const std::string client = operation->started_by.empty() ? "Another client" : operation->started_by;
    add_text(lines,
             operation->is_own ? "This stops the operation on " + operation->scope.str() + "."
                               : client + " started this operation on " + operation->scope.str() + ".",
             columns - 2);
  }
  lines.emplace_back();
  lines.push_back(yes_or_no("cancel it", "let it run", box.yes_selected, columns - 2, theme));
  lines.emplace_back();
  return boxed(std::move(lines), "Cancel", columns, theme);
}

ftxui::Element role_box(const Model& model, const RoleBox& box, const Theme& theme) {
  const int columns = box_columns(model);
  Lines lines(1);
  lines.push_back(Line("   A token for one role of " + box.workspace, TextStyle::strong));
  lines.emplace_back();
  Line role("   role  ");
  role.add(end_of_text(box.text, columns - 2 - role.width() - 1, theme.glyph("…", "~")), TextStyle::strong);
  lines.push_back(std::move(role.cursor()));
  lines.emplace_back();
  if (box.problem.empty()) {
    add_text(lines, "The role uses this token instead of the workspace's token.", columns - 2);
  } else {
    add_text(lines, "! " + box.problem, columns - 2);
  }
  lines.emplace_back();
  return boxed(std::move(lines), "Role", columns, theme);
}

ftxui::Element workspace_screen(const Model& model, const WorkspaceBox& box, const Theme& theme) {
  const int columns = model.size.columns;
  Lines lines;
  const auto field = [&](std::string_view key, const std::string& text, bool has_keys, const std::string& preset = {}) {
    Line line(has_keys ? theme.glyph(" ▸ ", " > ") : "   ");
    line.add(key).to(12).add(end_of_text(text, columns - 13, theme.glyph("…", "~")), TextStyle::strong);
    if (has_keys) line.cursor();
    if (text.empty()) line.add(end_of_text(preset, columns - 13, theme.glyph("…", "~")), TextStyle::dim);
    lines.push_back(std::move(line));
  };
  lines.emplace_back();
  lines.emplace_back("   A new workspace", TextStyle::strong);
  lines.emplace_back();
  field("name", box.name, !box.in_folder);
  field("folder", box.folder, box.in_folder, model.facts.folder);
  lines.emplace_back();
  if (box.problem.empty()) {
    const std::string folder = model.facts.workspaces_folder.empty() ? "workspaces" : model.facts.workspaces_folder;
    for (const std::string& part : wrapped("jackind creates " + folder + "/" + (box.name.empty() ? "NAME" : box.name) +
                                               ".toml after it has stored the token.",
                                           columns - 4)) {
      lines.push_back(Line("   ").add(part, TextStyle::dim));
    }
  } else {
    for (Line& line : marked({"!", TextStyle::warning}, box.problem, columns)) lines.push_back(std::move(line));
  }
  return whole_screen(model, theme, header(model, theme, {"new workspace"}), element(std::move(lines), theme),
                      footer(model, theme, footer_rows(model)));
}

ftxui::Element empty_screen(const Model& model, const Theme& theme) {
  const int columns = model.size.columns;
  const bool is_small = model.size.rows < fewest_rows;
  Lines lines;
  if (!is_small) lines.resize(3);
  const std::string folder =
      model.facts.workspaces_folder.empty() ? "the workspaces folder" : model.facts.workspaces_folder;
  for (const std::string& part : wrapped("No workspace has a file in " + folder + " yet.", columns - 8)) {
    lines.push_back(Line("      ").add(part));
  }
  if (!is_small) lines.resize(lines.size() + 2);
  const auto entry = [&](std::size_t at, std::string_view key, std::string_view text) {
    const bool is_selected = at == model.panel.empty_choice;
    Line line(is_selected ? theme.glyph("    ▸ ", "    > ") : "      ");
    line.add(key, TextStyle::strong).add("  ").add(text);
    lines.push_back(std::move(line.select(is_selected)));
  };
  entry(0, "N", "add a workspace with its own token");
  entry(1, "G", "create one token for all workspaces (global)");
  entry(2, "Q", "quit");
  lines.emplace_back();
  if (!is_small) lines.emplace_back();
  const std::string then =
      "A token is created with your consent in the browser, kept in your secret store, and never shown.";
  for (const std::string& part : wrapped(then, std::min(columns - 8, 64))) lines.push_back(Line("      ").add(part));
  return whole_screen(
      model, theme, header(model, theme, {}, std::string("no workspace yet") + std::string(theme.glyph(" · ", " - "))),
      element(std::move(lines), theme), footer(model, theme, footer_rows(model)));
}

}  // namespace jackin::tui
