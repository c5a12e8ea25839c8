// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "client/terminal/claude_rows.hpp"
#include "client/terminal/qr_code.hpp"
#include "client/terminal/text.hpp"
#include "client/tui/view/screens.hpp"

namespace jackin::tui {
namespace {

// "? help" and the blanks around it.
constexpr int help_columns = 8;

// A QR code as cells: qr_code() gives each line as black on bright white between two sequences.
Cells qr_cells(const client::QrCode& code) {
  Cells cells({static_cast<int>(code.lines.size()), code.columns});
  const CellStyle style{.foreground = {CellColor::Kind::indexed, 0}, .background = {CellColor::Kind::indexed, 15}};
  for (int row = 0; row < cells.size().rows; ++row) {
    std::string_view line = code.lines[static_cast<std::size_t>(row)];
    line.remove_prefix(std::min(line.find('m') + 1, line.size()));
    line = line.substr(0, line.find('\x1b'));
    cells.write(row, 0, line, style);
  }
  return cells;
}

ftxui::Element qr_screen(const Model& model, const client::QrCode& code, const Theme& theme) {
  // A scanner needs these colours, with NO_COLOR too.
  Theme colored = theme;
  colored.color = true;
  const int margin = (model.size.columns - code.columns) / 2;
  const Line head(" Scan it to sign in. The page shows a code: paste it here.");
  return ftxui::vbox(
      {element(head, theme),
       ftxui::hbox({ftxui::text(std::string(static_cast<std::size_t>(std::max(margin, 0)), ' ')),
                    element(qr_cells(code), false, colored)}) |
           ftxui::size(ftxui::HEIGHT, ftxui::EQUAL, static_cast<int>(code.lines.size())),
       ftxui::filler(),
       element(footer_lines(footer_bindings(model), theme, model.size.columns, 1, "any key: back"), theme)});
}

// "✓ claude 2.1.197   » your consent   · captured …". If the steps do not fit, leaves out finished steps from the left.
Line steps_in_a_line(const Operation& operation, const Theme& theme, int columns) {
  std::vector<std::pair<const StepLine*, Line>> parts;
  int width = 1;
  for (const StepLine& step : operation.steps) {
    // Shows the least important steps only while they run, or after they failed.
    const bool is_minor = step.step == Step::read_back || step.step == Step::record;
    if (is_minor && (step.state == StepState::waiting || step.state == StepState::done)) continue;
    Line part;
    part.add(mark_of(step.state, theme)).add(" ");
    part.add(step.step == Step::mint ? "your consent" : name_of(step.step),
             step.state == StepState::waiting ? TextStyle::dim : TextStyle::plain);
    if (step.step == Step::program && !step.detail.empty()) {
      part.add(" ").add(client::cut_to(step.detail, static_cast<int>(step.detail.find(' '))));
    }
    width += part.width() + (parts.empty() ? 0 : 2);
    parts.emplace_back(&step, std::move(part));
  }
  while (parts.size() > 1 && width > columns && parts.front().first->state == StepState::done) {
    width -= parts.front().second.width() + 2;
    parts.erase(parts.begin());
  }
  Line line(" ");
  for (const auto& [step, part] : parts) {
    const int gap = line.width() > 1 ? 2 : 0;
    if (line.width() + gap + part.width() > columns) break;
    if (gap > 0) line.add("  ");
    for (const Line::Span& span : part.spans()) line.add(span.text, span.style);
  }
  return line;
}

Line link_line(const Model& model, const Operation& operation, const OperationView& view, const Theme& theme) {
  const int columns = model.size.columns;
  Line line("   ");
  if (!operation.browser_error.empty()) {
    line = Line(" ");
    line.add("!", TextStyle::warning).add(" no browser was opened: " + operation.browser_error);
  } else if (operation.browser_opened) {
    line.add("A browser is open.");
    if (!operation.authorize_url.empty()) line.add(" ^G C copies the link for another browser.");
  } else if (!operation.authorize_url.empty()) {
    line.add("Open the link in a browser: ^G C copies it, ^G O opens it.");
  }
  if (view.wants_qr && !operation.authorize_url.empty()) {
    const CellSize needed = operation.qr;
    const int rows = needed.rows - model.size.rows;
    const int missing_columns = needed.columns - columns;
    std::string text;
    if (rows > 0) text = std::to_string(rows) + (rows == 1 ? " more row" : " more rows");
    if (missing_columns > 0) {
      text = std::to_string(missing_columns) + (missing_columns == 1 ? " more column" : " more columns") +
             (text.empty() ? "" : " and ") + text;
    }
    if (!text.empty()) line = Line("   The QR code needs " + text + ".");
  }
  return line.fit(columns, theme.glyph("…", "~"));
}

// The part of claude's screen that fits into `rows` rows, as in the region of jackinctl.
Cells fitting(const Cells& screen, int rows) {
  std::vector<std::string> texts;
  for (int row = 0; row < screen.size().rows; ++row) texts.push_back(screen.is_blank(row) ? "" : "\u00a0");
  const auto cursor_row = screen.cursor ? std::optional(screen.cursor->row) : std::nullopt;
  const std::vector<int> shown = client::claude_rows(texts, cursor_row, rows, {});
  Cells cells({static_cast<int>(shown.size()), screen.size().columns});
  for (int at = 0; at < cells.size().rows; ++at) {
    const int row = shown[static_cast<std::size_t>(at)];
    for (int column = 0; column < cells.size().columns; ++column) cells.at(at, column) = screen.at(row, column);
    if (row == cursor_row) cells.cursor = CellPosition{at, screen.cursor->column};
  }
  return cells;
}

ftxui::Element claude_pane(const Operation& operation, int rows, int columns, bool has_frame, bool has_cursor,
                           const Theme& theme) {
  const int inner = rows - (has_frame ? 2 : 0);
  const ftxui::Element cells = element(fitting(operation.screen, inner), has_cursor, theme);
  const auto exactly = ftxui::size(ftxui::HEIGHT, ftxui::EQUAL, inner);
  if (!has_frame) return ftxui::hbox({cells, ftxui::filler()}) | exactly;
  Line top(theme.drawn("┌", "+"));
  top.add(" claude ");
  Line bottom(theme.drawn("└", "+"));
  const auto dashes = [&](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += theme.drawn("─", "-");
    return text;
  };
  top.add(dashes(columns - top.width() - 1)).add(theme.drawn("┐", "+"));
  bottom.add(dashes(columns - 2)).add(theme.drawn("┘", "+"));
  const auto side = [&](std::string_view left, std::string_view right) {
    Lines lines;
    for (int i = 0; i < inner; ++i) lines.push_back(Line(left).add(right));
    return element(std::move(lines), theme) | ftxui::size(ftxui::WIDTH, ftxui::EQUAL, 2);
  };
  const std::string_view bar = theme.drawn("│", "|");
  const auto middle = ftxui::hbox(
      {side(bar, " "), cells | ftxui::size(ftxui::WIDTH, ftxui::EQUAL, columns - 4) | exactly, side(" ", bar)});
  return ftxui::vbox({element(top, theme), middle | exactly, element(bottom, theme)});
}

// The entries of the menu in lines. The arrow marks the selected one. All lines but the first keep space for `? help`.
Lines menu_lines(const std::vector<const Binding*>& entries, Action chosen, const Theme& theme, int columns) {
  constexpr std::size_t most_lines = 3;
  Lines lines(1, Line(" "));
  for (std::size_t at = 0; at < entries.size(); ++at) {
    const std::string_view key = key_text(*entries[at], theme);
    const int width = 2 + client::display_width(key) + client::display_width(entries[at]->footer);
    const int space = columns - (lines.size() == 1 ? 0 : help_columns);
    if (lines.back().width() + width >= space && lines.size() < most_lines) lines.emplace_back(" ");
    lines.back().add(entries[at]->action == chosen ? theme.glyph("▸", ">") : " ").add(key, TextStyle::strong);
    lines.back().add(" ").add(entries[at]->footer).add(" ");
  }
  for (Line& line : lines) line.fit(columns, theme.glyph("…", "~"));
  return lines;
}

ftxui::Element consent_screen(const Model& model, const Operation& operation, const OperationView& view,
                              const Line& head, const Theme& theme) {
  const int columns = model.size.columns;
  const bool is_small = model.size.rows < fewest_rows;
  const std::vector<const Binding*> entries = menu_bindings(model);
  Lines keys;
  if (view.is_menu_open) {
    keys = menu_lines(entries, view.menu_choice, theme, columns);
    // If the entries take several lines, there is no space for the common keys.
    const bool has_room = keys.size() == 1;
    if (has_room) keys.emplace_back(" ");
    Line& last = keys.back();
    if (has_room) {
      last.add(theme.glyph("↵", "Enter"), TextStyle::strong)
          .add(" select  ")
          .add("Esc", TextStyle::strong)
          .add(" close");
    }
    last.right("? help", columns - 1);
  } else {
    keys.push_back(footer_lines(entries, theme, columns, 1, "^G then").front());
    Line second(" ");
    second.add("Esc", TextStyle::strong).add(" menu").right("^G ? help", columns - 1);
    if (!is_small) keys.push_back(std::move(second));
  }
  ftxui::Elements parts;
  parts.push_back(element(head, theme));
  if (!is_small) parts.push_back(element(rule(columns, theme), theme));
  parts.push_back(element(steps_in_a_line(operation, theme, columns), theme));
  parts.push_back(element(link_line(model, operation, view, theme), theme));
  const bool has_toast = model.toast && model.toast->until > model.now;
  const int below = static_cast<int>(keys.size()) + (is_small && !has_toast ? 0 : 1) + (is_small ? 0 : 1);
  const int rows = std::max(model.size.rows - static_cast<int>(parts.size()) - below, 1);
  const bool has_frame = has_pane_frame(model.size);
  parts.push_back(claude_pane(operation, rows, columns, has_frame, !view.is_menu_open, theme) |
                  ftxui::size(ftxui::HEIGHT, ftxui::EQUAL, rows));
  if (!is_small) parts.emplace_back(element(Line(), theme));
  const Line note =
      view.is_menu_open ? Line(" claude waits while the menu is open.") : Line(" What you type goes to claude.");
  if (!is_small || has_toast) parts.push_back(element(has_toast ? toast_line(model, theme) : note, theme));
  parts.push_back(element(std::move(keys), theme));
  return ftxui::vbox(std::move(parts));
}

// "G again", if this operation can be begun again.
Line again_line(const Model& model, const Theme& theme) {
  Line line;
  for (const Binding* binding : footer_bindings(model)) {
    const bool repeats = binding->action == Action::generate || binding->action == Action::rotate;
    if (binding->context != Context::report || !repeats) continue;
    line.add(key_text(*binding, theme), TextStyle::strong).add(" again");
  }
  return line;
}

// At most `rows` rows: the selected choice is visible, and the text is shortened if necessary.
Lines question_lines(const Operation& operation, const Theme& theme, int columns, int rows) {
  Lines choices;
  for (std::size_t at = 0; at < operation.question->choices.size(); ++at) {
    const bool is_chosen = at == operation.choice;
    Line line(is_chosen ? theme.glyph(" ▸ ", " > ") : "   ");
    line.add(operation.question->choices[at].text).fit(columns, theme.glyph("…", "~"));
    choices.push_back(std::move(line.select(is_chosen)));
  }
  choices = visible_part(std::move(choices), operation.choice, rows);
  Lines lines;
  for (const std::string& part : wrapped(operation.question->text, std::min(columns - 4, 76))) {
    lines.push_back(Line("   ").add(part, TextStyle::strong));
  }
  const auto space = static_cast<std::size_t>(std::max(rows - static_cast<int>(choices.size()) - 1, 0));
  if (lines.size() > space) {
    lines.resize(space);
    if (!lines.empty()) lines.back() = Line("   ").add(theme.glyph("…", "~"), TextStyle::strong);
  }
  if (!lines.empty()) lines.emplace_back();
  for (Line& line : choices) lines.push_back(std::move(line));
  return lines;
}

// Tells the user whether the operation continues after the program has quit.
std::string continuation_text(const Model& model, const Operation& operation) {
  if (operation.runs_to_end && model.link.state != Link::State::live) {
    return "jackind does not answer. It reports the result when it answers again.";
  }
  if (operation.runs_to_end) return "jackind finishes this by itself, even if you quit.";
  if (operation.kind == OperationKind::setup || operation.kind == OperationKind::rotate) {
    return "Once the token is captured, jackind finishes by itself, even if you quit.";
  }
  return {};
}

ftxui::Element steps_screen(const Model& model, const Operation& operation, const Line& head, const Theme& theme) {
  const int columns = model.size.columns;
  Lines keys = footer(model, theme, footer_rows(model));
  const int rows = body_rows(model, static_cast<int>(keys.size()));
  Lines steps = step_lines(operation, theme, columns);
  // One row is kept for the steps.
  Lines rest = operation.question ? question_lines(operation, theme, columns, rows - 1)
                                  : outcome_lines(operation, again_line(model, theme), theme, columns);
  for (const std::string& notice : operation.notices) {
    for (Line& line : marked({"!", TextStyle::warning}, notice, columns)) rest.push_back(std::move(line));
  }
  if (rest.empty()) {
    for (const std::string& part : wrapped(continuation_text(model, operation), std::min(columns - 4, 76))) {
      rest.push_back(Line("   ").add(part, TextStyle::dim));
    }
  }
  // If both do not fit, the steps take one line.
  if (static_cast<int>(steps.size() + rest.size()) + 1 > rows) steps = {steps_in_a_line(operation, theme, columns)};
  if (static_cast<int>(steps.size() + rest.size()) + 1 <= rows) steps.emplace_back();
  for (Line& line : rest) steps.push_back(std::move(line));
  return whole_screen(model, theme, head, element(std::move(steps), theme), std::move(keys));
}

Line head_of(const Model& model, const Operation& operation, const Theme& theme) {
  const std::vector<std::string> path{operation.scope.str(), std::string(name_of(operation.kind))};
  if (!operation.has_ended()) return header(model, theme, path, operation.place);
  const HealthMark mark = operation.was_cancelled() ? HealthMark::none
                          : operation.has_failed()  ? HealthMark::blocked
                                                    : HealthMark::fine;
  const std::string_view word = operation.was_cancelled() ? "cancelled" : operation.has_failed() ? "failed" : "done";
  const std::string state = std::string(mark_of(mark, theme).glyph) + " " + std::string(word);
  const Line both = header(model, theme, path, operation.place.empty() ? state : operation.place + "  " + state);
  // The outcome is more important than the place, which the report names.
  const bool has_state = std::any_of(both.spans().begin(), both.spans().end(), [&](const Line::Span& span) {
    return span.text.find(state) != std::string::npos;
  });
  return has_state ? both : header(model, theme, path, state);
}

}  // namespace

ftxui::Element operation_screen(const Model& model, const OperationView& view, const Theme& theme) {
  const Operation* operation = find_operation(model, view.number);
  if (operation == nullptr) {
    return whole_screen(model, theme, header(model, theme, {}), element(Line("   this operation has ended"), theme),
                        footer(model, theme, footer_rows(model)));
  }
  const Line head = head_of(model, *operation, theme);
  const bool asks = operation->asks_here() && !operation->question;
  if (shows_qr(model, view)) return qr_screen(model, client::qr_code(operation->authorize_url), theme);
  if (asks || view.is_menu_open) return consent_screen(model, *operation, view, head, theme);
  return steps_screen(model, *operation, head, theme);
}

}  // namespace jackin::tui
