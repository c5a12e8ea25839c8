// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "client/tui/view/screens.hpp"

namespace jackin::tui {
namespace {

// The row of a scope that was checked and is fine, else nullptr.
const Row* fine_row(const Model& model, const DoctorView& view, const Scope& scope) {
  const auto row = model.rows.find(scope);
  const bool is_fine = row != model.rows.end() && row->second.mark == HealthMark::fine;
  if (!is_fine || view.failure || view.open.contains(scope)) return nullptr;
  const bool has_problem = std::any_of(view.findings.begin(), view.findings.end(), [&](const auto& entry) {
    return entry.first == scope && entry.second.severity != Severity::info;
  });
  return has_problem ? nullptr : &row->second;
}

}  // namespace

ftxui::Element doctor_screen(const Model& model, const DoctorView& view, const Theme& theme) {
  const int columns = model.size.columns;
  const std::string_view cut = theme.glyph("…", "~");
  const Lines keys = footer(model, theme, footer_rows(model));
  const int rows = body_rows(model, static_cast<int>(keys.size()));
  Lines lines;
  std::size_t selected_at = 0;
  if (view.failure) {
    lines.push_back(
        Line(" ").add(mark_of(Severity::error, theme)).add(" ").add(view.failure->message).fit(columns, cut));
  }
  const bool names_scopes = view.scopes.size() > 1;
  for (const Scope& scope : view.scopes) {
    if (const Row* row = fine_row(model, view, scope)) {
      Line line(" ");
      line.add(mark_of(row->mark, theme)).add(" ");
      if (names_scopes) line.add(scope.str() + ": ");
      line.add(row->verdict, TextStyle::strong).add("   ").add(row->summary);
      lines.push_back(std::move(line.fit(columns, cut)));
    }
  }
  for (std::size_t at = 0; at < view.findings.size(); ++at) {
    const auto& [scope, finding] = view.findings[at];
    const bool is_selected = at == view.selected;
    if (is_selected) selected_at = lines.size();
    std::string text = names_scopes ? scope.str() + ": " + finding.message : finding.message;
    bool is_first = true;
    for (const std::string& part : wrapped(text, columns - 6)) {
      Line line(is_selected && is_first ? theme.glyph(" ▸ ", " > ") : "   ");
      if (is_first) {
        line.add(mark_of(finding.severity, theme)).add(" ");
      } else {
        line.add("  ");
      }
      lines.push_back(std::move(line.add(part).select(is_selected && is_first)));
      is_first = false;
    }
    if (!finding.remedy.empty()) {
      for (Line& line : remedy_lines(finding.remedy, Line("     try  "), theme, columns))
        lines.push_back(std::move(line));
    }
  }
  if (!view.open.empty()) {
    std::string text = "checking " + view.open.begin()->str();
    if (view.open.size() > 1) text += " and " + std::to_string(view.open.size() - 1) + " more";
    lines.push_back(Line("   ").add(text + "; a store may ask you to unlock it", TextStyle::dim).fit(columns, cut));
  } else if (lines.empty()) {
    lines.emplace_back("   no findings");
  }
  const std::string subject =
      view.scopes.size() == 1 ? view.scopes.front().str() : std::to_string(view.scopes.size()) + " rows";
  return whole_screen(model, theme, header(model, theme, {subject, "doctor"}),
                      element(visible_part(std::move(lines), selected_at, rows), theme), keys);
}

}  // namespace jackin::tui
