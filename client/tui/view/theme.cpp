// SPDX-License-Identifier: Apache-2.0
#include "client/tui/view/theme.hpp"

namespace jackin::tui {

Theme theme_of(const Environment& environment) {
  const std::string term = environment.value_of("TERM");
  const bool utf8 = client::speaks_utf8(environment);
  return {.color = !environment.has("NO_COLOR") && term != "dumb",
          .glyphs = utf8 && term != "linux",
          .lines = utf8,
          .motion = !environment.has("JACKIN_NO_MOTION")};
}

bool wants_mouse(const Environment& environment) {
  return !environment.has("JACKIN_NO_MOUSE");
}

Mark mark_of(HealthMark mark, const Theme& theme) {
  switch (mark) {
    case HealthMark::blocked:
      return {theme.glyph("✗", "x"), TextStyle::bad};
    case HealthMark::soon:
      return {"!", TextStyle::warning};
    case HealthMark::fine:
      return {theme.glyph("✓", "+"), TextStyle::good};
    case HealthMark::none:
      return {theme.glyph("·", "-"), TextStyle::dim};
  }
  return {"?"};
}

Mark mark_of(Severity severity, const Theme& theme) {
  switch (severity) {
    case Severity::error:
      return mark_of(HealthMark::blocked, theme);
    case Severity::warning:
      return mark_of(HealthMark::soon, theme);
    case Severity::info:
      return mark_of(HealthMark::none, theme);
  }
  return {"?"};
}

Mark mark_of(StepState state, const Theme& theme) {
  switch (state) {
    case StepState::waiting:
      return mark_of(HealthMark::none, theme);
    case StepState::running:
      return running_mark(theme);
    case StepState::done:
      return mark_of(HealthMark::fine, theme);
    case StepState::warned:
      return mark_of(HealthMark::soon, theme);
    case StepState::failed:
      return mark_of(HealthMark::blocked, theme);
  }
  return {"?"};
}

Mark running_mark(const Theme& theme) {
  return {theme.glyph("»", ">"), TextStyle::strong};
}

std::string_view name_of(Step step) {
  switch (step) {
    case Step::begun:
      return "begun";
    case Step::program:
      return "claude";
    case Step::mint:
      return "consent";
    case Step::captured:
      return "captured";
    case Step::resolve:
      return "found";
    case Step::verify:
      return "checked";
    case Step::store:
      return "stored";
    case Step::read_back:
      return "read back";
    case Step::write_config:
      return "written";
    case Step::record:
      return "recorded";
    case Step::delete_old:
      return "old deleted";
    case Step::keep:
      return "kept";
    case Step::give_up:
      return "given up";
    case Step::clear:
      return "removed";
    case Step::forget:
      return "cache cleared";
    case Step::delete_item:
      return "deleted";
    case Step::copy:
      return "copied";
    case Step::stuck:
      return "stuck";
  }
  return "";
}

std::string_view name_of(OperationKind kind) {
  switch (kind) {
    case OperationKind::setup:
      return "create";
    case OperationKind::rotate:
      return "rotate";
    case OperationKind::revoke:
      return "revoke";
    case OperationKind::relocate:
      return "move";
    case OperationKind::recovery:
      return "recover";
  }
  return "";
}

std::string_view doing(OperationKind kind) {
  switch (kind) {
    case OperationKind::setup:
      return "creating";
    case OperationKind::rotate:
      return "rotating";
    case OperationKind::revoke:
      return "revoking";
    case OperationKind::relocate:
      return "moving";
    case OperationKind::recovery:
      return "recovering";
  }
  return "";
}

}  // namespace jackin::tui
