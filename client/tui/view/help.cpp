// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>

#include "client/terminal/text.hpp"
#include "client/tui/view/screens.hpp"

namespace jackin::tui {
namespace {

// The bindings of a group, one per line. The key table is the only source.
Lines group_lines(HelpGroup group, std::string_view title, const Theme& theme) {
  Lines lines;
  lines.emplace_back(title, TextStyle::strong);
  int widest = 0;
  for (const Binding& binding : bindings()) {
    if (binding.group == group) widest = std::max(widest, client::display_width(key_text(binding, theme)));
  }
  for (const Binding& binding : bindings()) {
    if (binding.group != group) continue;
    Line line;
    line.add(key_text(binding, theme), TextStyle::strong);
    lines.push_back(std::move(line.to(widest + 2).add(binding.help)));
  }
  return lines;
}

void add_columns(Lines& lines, Lines left, const Lines& right, int columns) {
  int widest = 0;
  for (const Line& line : left) widest = std::max(widest, line.width());
  int right_widest = 0;
  for (const Line& line : right) right_widest = std::max(right_widest, line.width());
  const int column = widest + 6;
  const bool is_narrow = column + right_widest > columns;
  const auto indented = [](const Line& line) {
    Line wide("   ");
    for (const Line::Span& span : line.spans()) wide.add(span.text, span.style);
    return wide;
  };
  if (is_narrow) {
    for (const Line& line : left) lines.push_back(indented(line));
    lines.emplace_back();
    for (const Line& line : right) lines.push_back(indented(line));
    return;
  }
  left.resize(std::max(left.size(), right.size()));
  for (std::size_t at = 0; at < left.size(); ++at) {
    Line line = indented(left[at]);
    if (at < right.size()) {
      line.to(column);
      for (const Line::Span& span : right[at].spans()) line.add(span.text, span.style);
    }
    lines.push_back(std::move(line));
  }
}

Lines help_lines(const Model& model, const Theme& theme) {
  const int columns = model.size.columns;
  Lines lines;
  Lines left = group_lines(HelpGroup::token, "TOKENS", theme);
  left.emplace_back();
  for (Line& line : group_lines(HelpGroup::asking, "WHILE CLAUDE ASKS", theme)) left.push_back(std::move(line));
  left.emplace_back("other keys go to claude");
  add_columns(lines, std::move(left), group_lines(HelpGroup::looking, "PANEL", theme), columns);
  lines.emplace_back("   ^ is the Ctrl key: ^R is Ctrl-R.");
  lines.emplace_back();
  const auto paragraph = [&](std::string_view text) {
    for (const std::string& part : wrapped(text, columns - 6)) lines.push_back(Line("   ").add(part));
  };
  const auto mark = [](const Mark& one, std::string_view text) {
    return std::string(one.glyph) + " " + std::string(text);
  };
  paragraph(
      "STATES  " + mark(mark_of(HealthMark::fine, theme), "fine  ") +
      mark(mark_of(HealthMark::soon, theme), "look at it  ") + mark(mark_of(HealthMark::blocked, theme), "blocked  ") +
      mark(mark_of(HealthMark::none, theme), "no token  ") + mark(running_mark(theme), "running  ") + "? unknown");
  lines.emplace_back();
  paragraph(
      "To select text with the mouse, hold Shift. JACKIN_NO_MOUSE=1 leaves the mouse to the terminal, "
      "JACKIN_NO_MOTION=1 turns off the waiting dots, NO_COLOR=1 the colours.");
  paragraph("With a screen reader, use jackinctl setup -i, jackinctl status and jackinctl watch.");
  paragraph("jackin-tui never shows a token.");
  lines.emplace_back();
  std::string versions = "jackin-tui " + model.facts.version;
  if (!model.facts.daemon_version.empty()) {
    versions += "   jackind " + model.facts.daemon_version + ", protocol " + model.facts.protocol + ", pid " +
                std::to_string(model.facts.daemon_pid);
  }
  paragraph(versions);
  return lines;
}

}  // namespace

ftxui::Element help_screen(const Model& model, const HelpView& view, const Theme& theme) {
  const Lines keys = footer(model, theme, footer_rows(model));
  Lines lines = help_lines(model, theme);
  const auto rows = static_cast<std::size_t>(body_rows(model, static_cast<int>(keys.size())));
  const std::size_t most = lines.size() > rows ? lines.size() - rows : 0;
  lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(std::min(view.scroll, most)));
  if (lines.size() > rows) {
    lines.resize(rows - 1);
    lines.push_back(Line("   ").add(theme.glyph("↓ more", "more below"), TextStyle::dim));
  }
  return whole_screen(model, theme, header(model, theme, {"help"}), element(std::move(lines), theme), keys);
}

}  // namespace jackin::tui
