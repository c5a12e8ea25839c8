// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "client/tui/view/screens.hpp"

namespace jackin::tui {
namespace {

constexpr int report_column = 17;

class ReportWriter {
 public:
  ReportWriter(const Theme& theme, int columns) : theme_(theme), columns_(columns) {}

  void add(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    for (const std::string& part : wrapped(value, columns_ - report_column - 1)) {
      lines_.push_back(Line("   ").add(key, TextStyle::dim).to(report_column).add(part));
      key = {};
    }
  }
  // Adds `text` after a mark, wrapped into further lines if necessary.
  void add(const Mark& mark, std::string_view text) {
    for (Line& line : marked(mark, text, columns_)) lines_.push_back(std::move(line));
  }
  void add(Line line) { lines_.push_back(std::move(line.fit(columns_, theme_.glyph("…", "~")))); }

  Lines take() { return std::move(lines_); }

 private:
  const Theme& theme_;
  int columns_;
  Lines lines_;
};

std::string lifetime_text(const TokenReport& report) {
  std::string text = report.expires_on;
  if (report.days_left) {
    const int days = *report.days_left;
    text += " (" + (days == 0 ? std::string("less than a day") : std::to_string(days) + (days == 1 ? " day" : " days"));
    text += report.expiry_estimated ? ", estimated)" : ")";
  }
  return text;
}

std::string processes_text(const std::vector<Holder>& holders) {
  std::string text;
  for (const Holder& holder : holders) {
    if (!text.empty()) text += ", ";
    text += holder.command + "[" + std::to_string(holder.pid) + "]";
  }
  return text;
}

struct OutcomeWriter {
  const Operation& operation;
  const Line& again;
  const Theme& theme;
  int columns;
  ReportWriter& lines;

  void operator()(const TokenReport& report) const {
    lines.add("workspace", operation.scope.is_global() ? std::string("global") : operation.scope.workspace_name());
    lines.add("role", operation.scope.role_name());
    lines.add("claude", report.claude_version);
    lines.add("stored in", report.stored_in);
    lines.add("fingerprint", report.fingerprint);
    lines.add("expires", lifetime_text(report));
    lines.add("set in", report.slot);
    if (report.deleted_old) lines.add("old item", "deleted");
    lines.add("old token in", processes_text(report.old_holders));
    const bool is_new = operation.kind == OperationKind::setup && !operation.scope.is_global();
    if (is_new) lines.add("use it", "jackin-hook exec " + operation.scope.str() + " -- claude");
  }
  void operator()(const RevokeReport& report) const {
    lines.add("workspace", operation.scope.str());
    lines.add("token", report.cleared ? "removed from the configuration" : "none was configured");
    if (report.deleted) lines.add("stored token", "deleted");
    lines.add("remains in", report.remains_in);
    lines.add("used by", processes_text(report.holders));
    lines.add({"!", TextStyle::warning},
              "the token stays valid until you remove it at claude.ai, Settings, Claude Code");
  }
  void operator()(const Error& failure) const {
    const Severity severity = operation.was_cancelled() ? Severity::info : Severity::error;
    lines.add(mark_of(severity, theme), failure.message);
    const Line lead("     try  ");
    const bool only_again = failure.remedy.note.empty() && command_of(failure.remedy).empty();
    if (again.width() > 0 && only_again) return lines.add(joined(lead, again));
    if (failure.remedy.empty()) return;
    for (Line& line : remedy_lines(failure.remedy, lead, theme, columns)) lines.add(std::move(line));
  }
};

}  // namespace

Lines step_lines(const Operation& operation, const Theme& theme, int columns) {
  Lines lines;
  for (const StepLine& step : operation.steps) {
    Line line("   ");
    line.add(mark_of(step.state, theme)).add(" ");
    line.add(name_of(step.step), step.state == StepState::waiting ? TextStyle::dim : TextStyle::plain);
    if (!step.detail.empty()) line.to(22).add(step.detail);
    lines.push_back(std::move(line.fit(columns, theme.glyph("…", "~"))));
  }
  return lines;
}

Lines outcome_lines(const Operation& operation, const Line& again, const Theme& theme, int columns) {
  if (!operation.outcome) return {};
  ReportWriter lines(theme, columns);
  std::visit(OutcomeWriter{operation, again, theme, columns, lines}, *operation.outcome);
  return lines.take();
}

}  // namespace jackin::tui
