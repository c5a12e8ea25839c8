// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "client/tui/view/screens.hpp"

namespace jackin::tui {
namespace {

constexpr int value_column = 16;

std::string holders_text(const std::vector<Holder>& holders) {
  if (holders.empty()) return "no process uses it";
  std::string text =
      std::to_string(holders.size()) + (holders.size() == 1 ? " process uses it: " : " processes use it: ");
  for (const Holder& holder : holders) {
    if (&holder != &holders.front()) text += ", ";
    text += holder.command + "[" + std::to_string(holder.pid) + "]";
  }
  return text;
}

std::string sharing_text(const Row& row) {
  if (row.shared_with.empty()) return "not shared";
  constexpr std::size_t most = 3;
  std::string text = "shared with ";
  for (std::size_t at = 0; at < std::min(most, row.shared_with.size()); ++at) {
    if (at > 0) text += ", ";
    text += row.shared_with[at].str();
  }
  if (row.shared_with.size() > most) text += " and " + std::to_string(row.shared_with.size() - most) + " more";
  return text;
}

std::string expiry_text(const Row& row) {
  std::string text = row.expires_on;
  if (row.days_left) {
    const int days = *row.days_left;
    text += days < 0    ? ", expired"
            : days == 0 ? ", today"
                        : ", in " + std::to_string(days) + (days == 1 ? " day" : " days");
  }
  if (row.expiry_estimated) text += ", estimated";
  return text;
}

class DetailWriter {
 public:
  DetailWriter(const Theme& theme, int columns) : theme_(theme), columns_(columns) {}

  // Adds `text` after its key, wrapped into further lines if necessary.
  void add(std::string_view key, std::string_view text, TextStyle style = TextStyle::plain) {
    if (text.empty()) return;
    for (const std::string& part : wrapped(text, columns_ - value_column - 1)) {
      Line line(std::string("   "));
      line.add(key, TextStyle::dim).to(value_column).add(part, style);
      lines_.push_back(std::move(line));
      key = {};
    }
  }

  void add(std::string_view key, const Line& value) {
    Line line(std::string("   "));
    line.add(key, TextStyle::dim).to(value_column);
    for (const Line::Span& span : value.spans()) line.add(span.text, span.style);
    lines_.push_back(std::move(line.fit(columns_, theme_.glyph("…", "~"))));
  }

  void add(Line line) { lines_.push_back(std::move(line.fit(columns_, theme_.glyph("…", "~")))); }

  Lines take() { return std::move(lines_); }

 private:
  const Theme& theme_;
  int columns_;
  Lines lines_;
};

}  // namespace

Lines detail_lines(const Model& model, const Row& row, const Theme& theme, int columns) {
  DetailWriter lines(theme, columns);
  if (const Operation* operation = running_operation(model, row.scope)) {
    Line line(" ");
    line.add(running_mark(theme)).add(" ").add(doing(operation->kind)).to(value_column);
    const std::string step =
        "step " + std::to_string(step_number(*operation)) + " of " + std::to_string(operation->steps.size());
    if (operation->waits_for_user()) {
      line.add(operation->question ? "waits for your decision (" : "waits for your consent (").add(step + ")");
    } else {
      line.add(step);
    }
    if (!operation->is_own && !operation->started_by.empty()) line.add(", started by " + operation->started_by);
    if (operation->runs_to_end) line.add("; jackind finishes it");
    lines.add(std::move(line));
  } else {
    Line line(" ");
    line.add(mark_of(row.mark, theme)).add(" ").add(row.verdict, TextStyle::strong);
    if (!row.summary.empty()) line.to(value_column).add(row.summary);
    lines.add(std::move(line));
  }
  const Operation* waiting = running_operation(model, row.scope);
  if (waiting != nullptr && waiting->waits_for_user()) {
    lines.add("try", Line(theme.glyph("↵", "Enter"), TextStyle::strong).add(" continue"));
  } else if (!row.remedy.empty()) {
    const Line lead = Line("   ").add("try", TextStyle::dim).to(value_column);
    for (Line& line : remedy_lines(row.remedy, lead, theme, columns)) lines.add(std::move(line));
  }
  if (!row.source_kind.empty()) lines.add("source", row.source_kind + "  " + row.source_detail);
  if (!row.fingerprint.empty()) {
    lines.add("fingerprint", row.has_details
                                 ? row.fingerprint + "   " + sharing_text(row) + "; " + holders_text(row.holders)
                                 : row.fingerprint);
  }
  if (!row.expires_on.empty()) lines.add("expires", expiry_text(row), client::TextStyle::plain);
  bool is_first = true;
  for (const std::string& event : row.history) {
    lines.add(is_first ? "history" : "", event);
    is_first = false;
  }
  if (row.can_delete) lines.add("origin", "created by jackind; revoke can delete the stored token");
  return lines.take();
}

ftxui::Element details_screen(const Model& model, const DetailsView& view, const Theme& theme) {
  const Lines keys = footer(model, theme, footer_rows(model));
  Lines lines;
  const auto row = model.rows.find(view.scope);
  if (row == model.rows.end()) {
    lines.emplace_back("   this row no longer exists", TextStyle::dim);
  } else {
    lines = detail_lines(model, row->second, theme, model.size.columns);
  }
  const auto rows = static_cast<std::size_t>(body_rows(model, static_cast<int>(keys.size())));
  const std::size_t most = lines.size() > rows ? lines.size() - rows : 0;
  lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(std::min(view.scroll, most)));
  return whole_screen(model, theme, header(model, theme, {view.scope.str()}), element(std::move(lines), theme), keys);
}

}  // namespace jackin::tui
