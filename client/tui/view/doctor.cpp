// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "client/tui/view/screens.hpp"

namespace jackin::tui {

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
      Line what("     try  ");
      const Line remedy = remedy_line(finding.remedy, theme);
      for (const Line::Span& span : remedy.spans()) what.add(span.text, span.style);
      lines.push_back(std::move(what.fit(columns, cut)));
    }
  }
  if (!view.open.empty()) {
    std::string text = "checking " + view.open.begin()->str();
    if (view.open.size() > 1) text += " and " + std::to_string(view.open.size() - 1) + " more";
    lines.push_back(Line("   ").add(text + "; a store may ask you to unlock it", TextStyle::dim).fit(columns, cut));
  } else if (view.findings.empty() && !view.failure) {
    lines.emplace_back("   no findings");
  }
  const std::string subject =
      view.scopes.size() == 1 ? view.scopes.front().str() : std::to_string(view.scopes.size()) + " rows";
  return whole_screen(model, theme, header(model, theme, {subject, "doctor"}),
                      element(visible_part(std::move(lines), selected_at, rows), theme), keys);
}

}  // namespace jackin::tui
