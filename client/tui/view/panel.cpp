// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "client/terminal/health_mark.hpp"
#include "client/terminal/text.hpp"
#include "client/tui/view/screens.hpp"
#include "common/words.hpp"

namespace jackin::tui {
namespace {

constexpr int bar_blocks = 10;
constexpr int mark_column = 3;
constexpr int name_column = 5;

// The first column of each part of a row; 0 if it is not shown.
struct Columns {
  int mode = 0;
  int source = 0;
  int days = 0;
  int checked = 0;
  int end = 0;
};

Columns columns_of(int width) {
  Columns columns{.end = width};
  const bool shows_mode = width >= 50;
  const bool shows_source = width >= 72;
  const bool shows_checked = width >= fewest_columns;
  constexpr int mode_width = 13;
  constexpr int days_width = bar_blocks + 6;
  constexpr int checked_width = 6;
  int right = width;
  if (shows_checked) {
    columns.checked = right - checked_width - (width >= 100 ? 4 : 0);
    right = columns.checked;
  }
  columns.days = std::max(right - days_width, name_column + 8);
  right = columns.days;
  const int left = right - name_column - (shows_mode ? mode_width : 0);
  // The name takes two fifths of the rest, but at least 17 columns. The source takes what remains.
  const int name_width = shows_source ? std::max(17, left * 2 / 5) : left;
  if (shows_mode) columns.mode = name_column + name_width;
  if (shows_source) columns.source = name_column + name_width + (shows_mode ? mode_width : 0);
  return columns;
}

std::string days_bar(const Row& row, const Theme& theme) {
  const int days = *row.days_left;
  if (days < 0) return "expired";
  const int lifetime = std::max(row.lifetime_days, 1);
  const int full = std::min(bar_blocks, (days * bar_blocks + lifetime - 1) / lifetime);
  std::string bar;
  for (int i = 0; i < bar_blocks; ++i) bar += i < full ? theme.drawn("█", "#") : " ";
  std::string number = std::to_string(days);
  number.insert(0, static_cast<std::size_t>(std::max(4 - static_cast<int>(number.size()), 0)), ' ');
  return bar + number;
}

// "rotating, step 2 of 8"; for an operation of another client also who began it, where that fits into `columns`.
std::string progress_text(const Model& model, const Operation& operation, const Theme& theme, int columns) {
  const std::string dot(theme.glyph(" · ", " - "));
  const std::string step = std::to_string(step_number(operation));
  if (model.link.state != Link::State::live) return "was " + std::string(doing(operation.kind)) + ", step " + step;
  if (operation.is_own) {
    if (operation.question) return "needs your decision";
    if (operation.waits == WaitsFor::consent) return "needs your consent";
    return std::string(doing(operation.kind)) + ", step " + step + " of " + std::to_string(operation.steps.size());
  }
  const std::string what = operation.waits == WaitsFor::consent ? "consent" : std::string(doing(operation.kind));
  const std::string& who = operation.started_by;
  if (who.empty()) return what;
  std::vector<std::string> forms{what + dot + who, who};
  if (operation.started_at) forms.insert(forms.begin(), forms.front() + dot + age(*operation.started_at, model.now));
  const auto fits = std::find_if(forms.begin(), forms.end(), [&](const std::string& form) {
    return client::display_width(client::drawable(form)) <= columns;
  });
  return fits == forms.end() ? forms.back() : *fits;
}

std::string name_of_row(const PanelLine& line, const Theme& theme) {
  const Scope& scope = line.row->scope;
  if (scope.is_global()) return "global";
  if (!line.is_role)
    return scope.str() + (line.hidden_roles > 0 ? " +" + std::to_string(line.hidden_roles) : std::string());
  return std::string(theme.drawn(" └ ", " ` ")) + scope.role_name();
}

std::string_view mode_text(const Row& row, const Theme& theme) {
  if (row.mode) return word_of(*row.mode);
  return row.is_expected ? theme.glyph("–", "-") : "?";
}

Line row_line(const Model& model, const PanelLine& entry, bool is_selected, const Theme& theme,
              const Columns& columns) {
  const Row& row = *entry.row;
  const std::string_view cut = theme.glyph("…", "~");
  const Operation* operation = running_operation(model, row.scope);
  Line line(is_selected ? theme.glyph(" ▸", " >") : "  ");
  line.add(model.panel.marks.contains(row.scope) ? "*" : " ", TextStyle::strong);
  const bool is_away = model.link.state != Link::State::live;
  if (operation == nullptr) {
    line.add(mark_of(row.mark, theme));
  } else if (is_away) {
    line.add("?");
  } else {
    line.add(running_mark(theme));
  }
  line.to(name_column)
      .add(name_of_row(entry, theme), row.mark == HealthMark::blocked ? TextStyle::strong : TextStyle::plain);
  line.fit((columns.mode > 0 ? columns.mode : columns.days) - 1, cut);
  if (columns.mode > 0) line.to(columns.mode).add(mode_text(row, theme));
  if (columns.source > 0) {
    line.to(columns.source).add(row.source.empty() ? theme.glyph("–", "-") : std::string_view(row.source));
    line.fit(columns.days - 1, cut);
  }
  if (operation != nullptr) {
    // Who runs it is more important than the mode and where the token is.
    const int widest = columns.source > 0 ? columns.source : columns.mode > 0 ? columns.mode : columns.days;
    const std::string text = progress_text(model, *operation, theme, columns.end - widest);
    const bool fits = client::display_width(client::drawable(text)) <= columns.end - columns.days;
    const int column = fits ? columns.days : widest;
    line.fit(column - 1, "").to(column).add(text);
  } else if (is_queued(model, row.scope)) {
    line.to(columns.days).add("queued");
  } else {
    if (row.days_left) line.to(columns.days).add(days_bar(row, theme), client::style_of_days_left(row.days_left));
    if (columns.checked > 0 && row.checked_at) {
      line.right(client::cut_to(age(*row.checked_at, model.now), columns.end - columns.checked), columns.end,
                 TextStyle::dim);
    }
  }
  return line.fit(columns.end, cut).select(is_selected);
}

Line heading_line(const Model& model, const Theme& theme, const Columns& columns) {
  const std::string arrow(theme.glyph(" ↑", " ^"));
  const auto titled = [&](const char* title, Sort sort) {
    return std::string(title) + (model.panel.sort == sort ? arrow : std::string());
  };
  Line line;
  line.to(mark_column);
  line.add(model.panel.sort == Sort::worst ? std::string_view(arrow).substr(1) : std::string_view(" "), TextStyle::dim);
  line.to(name_column).add(titled("WORKSPACE", Sort::name), TextStyle::dim);
  if (columns.mode > 0) line.to(columns.mode).add("MODE", TextStyle::dim);
  if (columns.source > 0) line.to(columns.source).add("SOURCE", TextStyle::dim);
  line.to(columns.days).add(titled("DAYS LEFT", Sort::days_left), TextStyle::dim);
  if (columns.checked > 0) line.right(titled("CHECKED", Sort::checked), columns.end, TextStyle::dim);
  return line;
}

// "6 workspaces · 1 needs action"
std::string count_text(const Model& model, const Theme& theme) {
  if (!model.has_rows) return {};
  const std::string dot(theme.glyph(" · ", " - "));
  std::size_t workspaces = 0;
  std::size_t need = 0;
  for (const auto& [scope, row] : model.rows) {
    if (!scope.is_global() && !scope.has_role()) ++workspaces;
    const Operation* operation = running_operation(model, scope);
    const bool waits = operation != nullptr && operation->is_own &&
                       (operation->waits == WaitsFor::consent || operation->waits == WaitsFor::answer);
    if (row.mark == HealthMark::blocked || waits) ++need;
  }
  std::string text = std::to_string(workspaces) + (workspaces == 1 ? " workspace" : " workspaces");
  if (need > 0) text += dot + std::to_string(need) + (need == 1 ? " needs action" : " need action");
  const std::string marked = std::to_string(model.panel.marks.size()) + " marked";
  if (!model.panel.marks.empty()) text += dot + marked;
  // With marked rows, a narrow screen shows only their number, since the next key acts on them.
  const bool is_narrow = model.size.columns < fewest_columns && !model.panel.marks.empty();
  return (is_narrow ? marked : text) + dot;
}

std::string clock_text(Moment moment) {
  // In RFC 3339 the time of day follows the date.
  return format_moment(moment).substr(11, 8) + " UTC";
}

Lines banner_lines(const Model& model, const Theme& theme, int rows) {
  Lines lines;
  std::string what;
  std::string then;
  Line remedy(" ");
  const auto reconnect = [&] {
    remedy.add("  try  ")
        .add(theme.glyph("↵", "Enter"), TextStyle::strong)
        .add(" connect now")
        .to(29)
        .add("jackinctl daemon logs");
  };
  switch (model.link.state) {
    case Link::State::away:
      what = !model.link.problem.empty()
                 ? model.link.problem
                 : "jackind ended" + (model.link.since ? " at " + clock_text(*model.link.since) : std::string()) +
                       ". The screen shows the state at that time.";
      reconnect();
      break;
    case Link::State::restarting:
      what = "jackind shut down" + (model.link.since ? " at " + clock_text(*model.link.since) : std::string()) +
             ". The screen shows the state at that time.";
      reconnect();
      break;
    case Link::State::older:
      what = rows == 1
                 ? "older jackind " + model.link.daemon_version + ": try  jackinctl daemon restart"
                 : "jackind " + model.link.daemon_version + " is older than jackin-tui, and their protocols differ.";
      remedy.add("  try  jackinctl daemon restart");
      break;
    case Link::State::newer:
      what = rows == 1
                 ? "newer jackind " + model.link.daemon_version + ": quit, and start jackin-tui again"
                 : "jackind " + model.link.daemon_version + " is newer than jackin-tui, and their protocols differ.";
      remedy.add("  try  quit, and start jackin-tui again");
      break;
    default:
      break;
  }
  for (const Operation& operation : model.operations) {
    if (operation.has_ended() || !operation.runs_to_end) continue;
    const bool mints = operation.kind == OperationKind::setup || operation.kind == OperationKind::rotate;
    then = mints ? "The token of " + operation.scope.str() + " was captured"
                 : "An operation on " + operation.scope.str() + " was running";
    then += ": jackind reports the result when it is back.";
  }
  const std::string_view cut = theme.glyph("…", "~");
  lines.push_back(Line(" ").add("!", TextStyle::warning).add(" ").add(what).fit(model.size.columns, cut));
  if (rows > 1) {
    if (!then.empty()) lines.push_back(Line("   ").add(then).fit(model.size.columns, cut));
    lines.push_back(remedy.fit(model.size.columns, cut));
    while (static_cast<int>(lines.size()) < rows - 1) lines.emplace_back();
    lines.push_back(rule(model.size.columns, theme));
  }
  return lines;
}

Line bottom_line(const Model& model, const Theme& theme) {
  const bool has_toast = model.toast && model.toast->until > model.now;
  const bool has_filter = model.panel.is_filtering || !model.panel.filter.empty();
  // The filter explains why rows are missing.
  if (has_toast && !has_filter) return toast_line(model, theme);
  Line line(" filter  ");
  line.add(model.panel.filter, TextStyle::strong);
  if (model.panel.is_filtering) line.cursor();
  const auto count = panel_lines(model).size();
  const std::string found = std::to_string(count) + " of " + std::to_string(model.rows.size());
  if (line.width() + 2 + static_cast<int>(found.size()) < model.size.columns) line.right(found, model.size.columns - 1);
  return line;
}

Lines list_lines(const Model& model, const PanelLayout& layout, const Theme& theme) {
  const Columns columns = columns_of(model.size.columns);
  const std::vector<PanelLine> entries = panel_lines(model);
  Lines lines;
  if (entries.empty()) {
    const char* text = !model.has_rows              ? "asking the daemon for the workspaces"
                       : model.panel.filter.empty() ? "no workspace"
                                                    : "nothing matches the filter";
    lines.emplace_back(Line("     ").add(text, TextStyle::dim));
  }
  const std::size_t selected = selected_line(model, entries);
  const std::size_t end = std::min(entries.size(), layout.first + static_cast<std::size_t>(layout.lines));
  for (std::size_t at = layout.first; at < end; ++at) {
    lines.push_back(row_line(model, entries[at], at == selected, theme, columns));
  }
  return lines;
}

}  // namespace

ftxui::Element panel_screen(const Model& model, const Theme& theme, Lines keys) {
  const PanelLayout layout = panel_layout(model);
  const auto exactly = [](int rows) { return ftxui::size(ftxui::HEIGHT, ftxui::EQUAL, rows); };
  ftxui::Elements parts;
  parts.push_back(element(header(model, theme, {}, count_text(model, theme)), theme));
  parts.push_back(element(rule(model.size.columns, theme), theme));
  if (layout.banner > 0)
    parts.push_back(element(banner_lines(model, theme, layout.banner), theme) | exactly(layout.banner));
  if (layout.heading >= 0) parts.push_back(element(heading_line(model, theme, columns_of(model.size.columns)), theme));
  parts.push_back(element(list_lines(model, layout, theme), theme) | exactly(layout.lines));
  if (layout.details > 0) {
    const Row* row = selected_row(model);
    Lines details = row == nullptr ? Lines() : detail_lines(model, *row, theme, model.size.columns);
    if (static_cast<int>(details.size()) > layout.details - 1)
      details.resize(static_cast<std::size_t>(layout.details - 1));
    details.insert(details.begin(), rule(model.size.columns, theme, row == nullptr ? "" : row->scope.str()));
    parts.push_back(element(std::move(details), theme) | exactly(layout.details));
  }
  const bool has_toast = model.toast && model.toast->until > model.now;
  if (has_toast || model.panel.is_filtering || !model.panel.filter.empty()) {
    parts.push_back(element(bottom_line(model, theme), theme));
  }
  if (model.size.rows >= fewest_rows) parts.push_back(element(rule(model.size.columns, theme), theme));
  while (static_cast<int>(keys.size()) < layout.footer) keys.insert(keys.begin(), Line());
  parts.push_back(element(std::move(keys), theme));
  return ftxui::vbox(std::move(parts));
}

}  // namespace jackin::tui
