// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "client/terminal/style.hpp"
#include "client/tui/model/operation.hpp"
#include "client/tui/model/row.hpp"
#include "common/environment.hpp"

namespace jackin::tui {

using client::TextStyle;

/// How the screen is drawn. It uses the terminal's own foreground and background. No meaning is in a colour alone.
struct Theme {
  bool color = true;
  bool glyphs = true;  ///< Marks such as ✓, else ASCII.
  bool lines = true;   ///< Box drawing and blocks, which the fonts of the Linux console have; else ASCII.
  bool motion = true;  ///< Dots count the seconds of a wait.

  std::string_view glyph(std::string_view unicode, std::string_view ascii) const { return glyphs ? unicode : ascii; }
  std::string_view drawn(std::string_view unicode, std::string_view ascii) const { return lines ? unicode : ascii; }
};

/// NO_COLOR turns off `color`, a locale without UTF-8 `glyphs` and `lines`, JACKIN_NO_MOTION `motion`. TERM=linux turns
/// off `glyphs`, since the console's fonts lack them. TERM=dumb turns off `color`, but jackin-tui does not start there
/// (`App::run`).
Theme theme_of(const Environment& environment);

/// Whether mouse events are requested: JACKIN_NO_MOUSE turns them off.
bool wants_mouse(const Environment& environment);

/// A mark and its colour.
struct Mark {
  std::string_view glyph;
  TextStyle style = TextStyle::plain;
};
Mark mark_of(HealthMark mark, const Theme& theme);
Mark mark_of(Severity severity, const Theme& theme);
Mark mark_of(StepState state, const Theme& theme);
Mark running_mark(const Theme& theme);

/// The name of a step for the user, such as "read back".
std::string_view name_of(Step step);
/// "create", "rotate": what an operation is called in the path on top.
std::string_view name_of(OperationKind kind);
/// What an operation does, such as "rotating".
std::string_view doing(OperationKind kind);

}  // namespace jackin::tui
