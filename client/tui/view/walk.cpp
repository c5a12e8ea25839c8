// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "client/tui/view/screens.hpp"

namespace jackin::tui {
namespace {

using Stage = Walk::Stage;

constexpr std::chrono::seconds slow_after{30};

bool is_named(Stage stage) {
  return stage == Stage::title || stage == Stage::section_name || stage == Stage::field_name;
}

std::string_view question_of(Stage stage) {
  switch (stage) {
    case Stage::account:
      return "which account?";
    case Stage::vault:
      return "which vault?";
    case Stage::item:
      return "which item?";
    case Stage::title:
      return "the title of the new item";
    case Stage::section:
      return "which section?";
    case Stage::section_name:
      return "the name of the new section";
    case Stage::field:
      return "which field?";
    case Stage::field_name:
      return "the name of the new field";
  }
  return "";
}

// The choices so far, and the current question. If they do not fit, leaves out the first choices.
Line path_line(const Walk& walk, const Theme& theme, int columns) {
  const std::string_view arrow = theme.glyph(" › ", " > ");
  std::vector<std::string> parts;
  const auto part = [&](const std::string& text) {
    if (!text.empty()) parts.push_back(text);
  };
  const Stage stage = walk.view.stage;
  if (stage > Stage::account) part(walk.account_name);
  if (stage > Stage::vault) part(walk.vault_name);
  if (stage > Stage::title) part(walk.item_title);
  if (stage > Stage::section_name) part(walk.section_name);
  std::size_t first = 0;
  while (true) {
    Line line("   ");
    if (first > 0) line.add(theme.glyph("…", "~")).add(arrow, TextStyle::dim);
    for (std::size_t at = first; at < parts.size(); ++at) line.add(parts[at]).add(arrow, TextStyle::dim);
    line.add(question_of(stage), TextStyle::strong);
    if (line.width() <= columns || first == parts.size()) return line;
    ++first;
  }
}

Line entry_line(const Walk::Line& entry, bool is_selected, const Theme& theme, int columns) {
  Line line(is_selected ? theme.glyph(" ▸ ", " > ") : "   ");
  switch (entry.kind) {
    case Walk::Line::Kind::create:
      line.add("+ ", TextStyle::strong);
      break;
    case Walk::Line::Kind::nothing:
    case Walk::Line::Kind::entry:
      line.add(entry.usable ? "  " : theme.glyph("– ", "- "));
      break;
  }
  line.add(entry.name, entry.usable ? TextStyle::plain : TextStyle::dim);
  if (!entry.note.empty()) {
    const int column = std::min(35, columns / 2);
    line.fit(column - 1, theme.glyph("…", "~")).to(column).add(entry.note, TextStyle::dim);
  }
  return line.fit(columns, theme.glyph("…", "~")).select(is_selected);
}

// The state of the open request to 1Password, or its error.
Lines state_lines(const Model& model, const Walk& walk, const Theme& theme) {
  Lines lines;
  const int columns = model.size.columns;
  const std::string_view cut = theme.glyph("…", "~");
  if (walk.failure) {
    lines = failure_lines(*walk.failure, theme, columns);
  } else if (walk.asked_at) {
    const auto waited = model.now - *walk.asked_at;
    if (waited >= slow_after) {
      std::string text = "1Password did not answer for " + std::to_string(slow_after.count()) + " s";
      if (walk.view.from) text += ": this list is from " + format_moment(*walk.view.from).substr(11, 5) + " UTC";
      lines = marked({"!", TextStyle::warning}, text, columns);
      lines.push_back(Line("     try  ^R, and look for a prompt of 1Password").fit(columns, cut));
    } else {
      std::string dots;
      if (theme.motion) dots.assign(static_cast<std::size_t>(std::max<long long>(waited.count(), 0)), '.');
      lines.push_back(
          Line("   ").add("asking 1Password; it may ask you to unlock it " + dots, TextStyle::dim).fit(columns, cut));
    }
  }
  return lines;
}

Lines name_lines(const Walk& walk, const Theme& theme, int columns) {
  Lines lines;
  Line name("   name  ");
  name.add(end_of_text(walk.view.text, columns - name.width() - 1, theme.glyph("…", "~")), TextStyle::strong);
  lines.push_back(std::move(name.cursor()));
  lines.emplace_back();
  if (!walk.view.problem.empty()) {
    for (Line& line : marked({"!", TextStyle::warning}, walk.view.problem, columns)) lines.push_back(std::move(line));
  } else if (walk.view.stage == Stage::title) {
    lines.push_back(Line("   ").add("The token is stored in its field \"credential\".", TextStyle::dim));
  }
  return lines;
}

Line filter_line(const Walk& walk, std::size_t found, int columns) {
  Line line("   filter  ");
  line.add(walk.view.filter, TextStyle::strong).cursor();
  const auto is_entry = [](const Walk::Line& entry) { return entry.kind != Walk::Line::Kind::create; };
  const auto all = std::count_if(walk.view.lines.begin(), walk.view.lines.end(), is_entry);
  if (walk.view.lines.empty()) return line;
  const std::string text = std::to_string(found) + " of " + std::to_string(all);
  if (line.width() + 2 + static_cast<int>(text.size()) < columns) line.right(text, columns - 1);
  return line;
}

}  // namespace

ftxui::Element walk_screen(const Model& model, const Walk& walk, const Theme& theme) {
  const int columns = model.size.columns;
  const Lines keys = is_named(walk.view.stage)
                         ? footer(model, theme, footer_rows(model))
                         : footer_lines(footer_bindings(model), theme, columns, footer_rows(model), "type to filter");
  const int rows = body_rows(model, static_cast<int>(keys.size()));
  Lines lines;
  lines.push_back(path_line(walk, theme, columns).fit(columns, theme.glyph("…", "~")));
  if (rows > 8) lines.emplace_back();
  const Lines state = state_lines(model, walk, theme);
  if (is_named(walk.view.stage)) {
    for (Line& line : name_lines(walk, theme, columns)) lines.push_back(std::move(line));
  } else {
    const auto shown = filtered_lines(walk.view);
    const auto found = std::count_if(shown.begin(), shown.end(),
                                     [](const Walk::Line* line) { return line->kind != Walk::Line::Kind::create; });
    lines.push_back(filter_line(walk, static_cast<std::size_t>(found), columns));
    if (rows > 8) lines.emplace_back();
    Lines entries;
    for (std::size_t at = 0; at < shown.size(); ++at) {
      entries.push_back(entry_line(*shown[at], at == walk.view.selected, theme, columns));
    }
    const int space = rows - static_cast<int>(lines.size()) - static_cast<int>(state.size()) - (state.empty() ? 0 : 1);
    for (Line& line : visible_part(std::move(entries), walk.view.selected, space)) lines.push_back(std::move(line));
  }
  if (!state.empty()) {
    // The state is at the bottom, so that the list does not move.
    const int blank = rows - static_cast<int>(lines.size()) - static_cast<int>(state.size()) - (rows > 12 ? 1 : 0);
    for (int i = 0; i < blank; ++i) lines.emplace_back();
    for (const Line& line : state) lines.push_back(line);
  }
  const std::string subject = walk.purpose.scopes.size() == 1 ? walk.purpose.scopes.front().str()
                                                              : std::to_string(walk.purpose.scopes.size()) + " rows";
  return whole_screen(model, theme, header(model, theme, {subject, "create", "1Password"}),
                      element(std::move(lines), theme), keys);
}

}  // namespace jackin::tui
