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

std::string_view name_of(Mode mode) {
  switch (mode) {
    case Mode::sync:
      return "sync";
    case Mode::api_key:
      return "api_key";
    case Mode::oauth_token:
      return "oauth_token";
    case Mode::ignore:
      return "ignore";
  }
  return "";
}

std::string_view name_of(Step step) {
  switch (step) {
    case Step::resolve:
      return "found";
    case Step::program:
      return "claude";
    case Step::consent:
      return "consent";
    case Step::captured:
      return "captured";
    case Step::checked:
      return "checked";
    case Step::stored:
      return "stored";
    case Step::read_back:
      return "read back";
    case Step::written:
      return "written";
    case Step::recorded:
      return "recorded";
    case Step::old_deleted:
      return "old deleted";
  }
  return "";
}

std::string_view name_of(OperationKind kind) {
  switch (kind) {
    case OperationKind::setup:
      return "generate";
    case OperationKind::rotate:
      return "rotate";
    case OperationKind::revoke:
      return "revoke";
    case OperationKind::migrate:
      return "migrate";
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
    case OperationKind::migrate:
      return "migrating";
  }
  return "";
}

}  // namespace jackin::tui
