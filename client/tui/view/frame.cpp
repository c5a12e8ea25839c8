// SPDX-License-Identifier: Apache-2.0
#include "client/tui/view/frame.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "client/terminal/health_mark.hpp"
#include "client/terminal/text.hpp"

namespace jackin::tui {

std::string link_text(const Model& model, const Theme& theme) {
  const std::string open(theme.glyph("○ ", "o "));
  switch (model.link.state) {
    case Link::State::connecting:
      return open + "connecting";
    case Link::State::live:
      return std::string(theme.glyph("● ", "* ")) + "live";
    case Link::State::away: {
      std::string text = open + "daemon away";
      if (model.link.retry_at && *model.link.retry_at > model.now) {
        text += ", retry in " + std::to_string((*model.link.retry_at - model.now).count()) + " s";
      }
      return text;
    }
    case Link::State::restarting:
      return open + "daemon restarting";
    case Link::State::older:
      return "! older daemon " + model.link.daemon_version;
    case Link::State::newer:
      return "! newer daemon " + model.link.daemon_version;
  }
  return {};
}

Line header(const Model& model, const Theme& theme, const std::vector<std::string>& path, std::string_view state) {
  Line line;
  line.add(" jackin")
      .add(theme.glyph("❯", ">"), TextStyle::strong)
      .add(" auth", path.empty() ? TextStyle::strong : TextStyle::plain);
  for (const std::string& part : path) {
    line.add(theme.glyph(" › ", " > "), TextStyle::dim)
        .add(part, &part == &path.back() ? TextStyle::strong : TextStyle::plain);
  }
  const int columns = model.size.columns;
  std::string right = link_text(model, theme);
  const std::string both = state.empty() ? right : std::string(state) + (state.ends_with(' ') ? "" : "  ") + right;
  if (line.width() + 2 + client::display_width(client::drawable(both)) < columns) right = both;
  // If both do not fit, only the path is shown.
  if (line.width() + 2 + client::display_width(right) > columns) return line.fit(columns, theme.glyph("…", "~"));
  return line.right(right, columns - 1);
}

Line toast_line(const Model& model, const Theme& theme) {
  if (!model.toast || model.toast->until <= model.now) return {};
  return Line(" ").add(model.toast->text).fit(model.size.columns - 1, theme.glyph("…", "~"));
}

int footer_rows(const Model& model) {
  return model.size.rows < fewest_rows ? 1 : 2;
}

int body_rows(const Model& model, int footer_rows) {
  const int rule = model.size.rows < fewest_rows ? 0 : 1;
  const bool has_toast = model.toast && model.toast->until > model.now;
  return std::max(model.size.rows - 2 - rule - (has_toast ? 1 : 0) - footer_rows, 1);
}

ftxui::Element whole_screen(const Model& model, const Theme& theme, Line head, ftxui::Element body, Lines foot) {
  const bool has_toast = model.toast && model.toast->until > model.now;
  const int rows = body_rows(model, static_cast<int>(foot.size()));
  ftxui::Elements parts;
  parts.push_back(element(std::move(head), theme));
  parts.push_back(element(rule(model.size.columns, theme), theme));
  parts.push_back(std::move(body) | ftxui::size(ftxui::HEIGHT, ftxui::EQUAL, rows));
  if (has_toast) parts.push_back(element(toast_line(model, theme), theme));
  if (model.size.rows >= fewest_rows) parts.push_back(element(rule(model.size.columns, theme), theme));
  parts.push_back(element(std::move(foot), theme));
  return ftxui::vbox(std::move(parts));
}

ftxui::Element boxed(Lines lines, std::string_view title, int columns, const Theme& theme) {
  const auto dashes = [&](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += theme.drawn("─", "-");
    return text;
  };
  const int inner = std::max(columns - 2, 1);
  Lines framed;
  Line top(theme.drawn("┌", "+"));
  if (!title.empty()) top.add(theme.drawn("─", "-")).add(" ").add(title, TextStyle::strong).add(" ");
  top.fit(columns - 1, theme.glyph("…", "~"));
  top.add(dashes(columns - 1 - top.width())).add(theme.drawn("┐", "+"));
  framed.push_back(std::move(top));
  for (Line& line : lines) {
    Line row(theme.drawn("│", "|"));
    line.fit(inner, theme.glyph("…", "~"));
    const int before = row.width();
    for (const Line::Span& span : line.spans()) row.add(span.text, span.style);
    if (const auto cursor = line.cursor_column()) row.cursor_at(before + *cursor);
    if (row.width() < before + inner) row.to(before + inner);
    framed.push_back(row.add(theme.drawn("│", "|")));
  }
  framed.push_back(Line(theme.drawn("└", "+")).add(dashes(inner)).add(theme.drawn("┘", "+")));
  return element(std::move(framed), theme) | ftxui::size(ftxui::WIDTH, ftxui::EQUAL, columns);
}

Lines visible_part(Lines lines, std::size_t selected, int rows) {
  const auto shown = static_cast<std::size_t>(std::max(rows, 1));
  if (lines.size() <= shown) return lines;
  const std::size_t first = std::min(selected - std::min(selected, shown / 2), lines.size() - shown);
  const auto begin = lines.begin() + static_cast<std::ptrdiff_t>(first);
  return {std::make_move_iterator(begin), std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(shown))};
}

Line remedy_line(const Remedy& remedy, const Theme& theme) {
  Line line;
  const std::string command = command_of(remedy);
  if (const auto key = key_of(remedy)) {
    for (const Binding& binding : bindings()) {
      if (binding.context != Context::panel || binding.action != *key || binding.shown.empty()) continue;
      line.add(key_text(binding, theme), TextStyle::strong).add(" ").add(binding.footer);
      if (!command.empty()) line.to(20).add("(").add(command).add(")");
      return line;
    }
  }
  if (command.empty() && remedy.note.empty()) return line.add("it again");
  line.add(command, TextStyle::strong);
  if (!remedy.note.empty()) line.add(line.width() > 0 ? "   " : "").add(remedy.note);
  return line;
}

Lines remedy_lines(const Remedy& remedy, const Line& lead, const Theme& theme, int columns) {
  Line whole = joined(lead, remedy_line(remedy, theme));
  if (whole.width() <= columns || remedy.note.empty()) return {std::move(whole.fit(columns, theme.glyph("…", "~")))};
  Lines lines;
  if (!command_of(remedy).empty()) {
    Remedy bare = remedy;
    bare.note.clear();
    lines.push_back(std::move(joined(lead, remedy_line(bare, theme)).fit(columns, theme.glyph("…", "~"))));
  }
  for (const std::string& part : wrapped(remedy.note, columns - lead.width() - 1)) {
    lines.push_back(lines.empty() ? joined(lead, Line(part)) : Line().to(lead.width()).add(part));
  }
  return lines;
}

Lines failure_lines(const Error& failure, const Theme& theme, int columns) {
  Lines lines = marked({"!", TextStyle::warning}, failure.message, columns);
  const Line lead("     try  ");
  if (command_of(failure.remedy).empty() && failure.remedy.note.empty()) {
    lines.push_back(joined(lead, Line("^R")));
    return lines;
  }
  for (Line& line : remedy_lines(failure.remedy, lead, theme, columns)) lines.push_back(std::move(line));
  return lines;
}

std::string age(Moment moment, Moment now) {
  std::string text = client::time_ago(moment, now);
  if (text == "just now") return "now";
  if (text.ends_with(" ago")) text.resize(text.size() - 4);
  return text;
}

}  // namespace jackin::tui
