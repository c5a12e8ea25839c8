// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ftxui/dom/elements.hpp>
#include <string>
#include <vector>

#include "client/tui/keymap.hpp"
#include "client/tui/model/model.hpp"
#include "client/tui/view/line.hpp"

// The parts that all screens share.
namespace jackin::tui {

/// The path on top: "jackin❯ auth › website › create"; on the right `state` and the connection, with two blanks
/// between them unless `state` ends with one.
Line header(const Model& model, const Theme& theme, const std::vector<std::string>& path, std::string_view state = {});

/// "● live", "○ daemon away, retry in 4 s".
std::string link_text(const Model& model, const Theme& theme);

/// The keys that apply, in at most `rows` lines, fewer if they fit. `? help` is always at the right of the last line.
Lines footer(const Model& model, const Theme& theme, int rows);

/// The bindings of a footer as lines. Bindings that do not fit are left out by rank. `lead` begins the first line.
Lines footer_lines(const std::vector<const Binding*>& bindings, const Theme& theme, int columns, int rows,
                   std::string_view lead = {});

/// The toast, or an empty line.
Line toast_line(const Model& model, const Theme& theme);

/// A complete screen: header, rule, body, toast, rule if there is space, footer.
ftxui::Element whole_screen(const Model& model, const Theme& theme, Line head, ftxui::Element body, Lines foot);

/// The rows between the rule below the header and the footer of `whole_screen`.
int body_rows(const Model& model, int footer_rows);

/// The number of footer lines for the height of the screen.
int footer_rows(const Model& model);

/// Lines in a box with a title, `columns` wide.
ftxui::Element boxed(Lines lines, std::string_view title, int columns, const Theme& theme);

/// The part of `lines` that fits into `rows` rows and contains the line `selected`.
Lines visible_part(Lines lines, std::size_t selected, int rows);

/// "R rotate  (jackinctl rotate billing)": how a remedy is shown.
Line remedy_line(const Remedy& remedy, const Theme& theme);

/// The same after `lead`, `columns` wide: a note that does not fit behind the command is below it.
Lines remedy_lines(const Remedy& remedy, const Line& lead, const Theme& theme, int columns);

/// Why a list did not come, and what the user can do; without a remedy, ask again.
Lines failure_lines(const Error& failure, const Theme& theme, int columns);

/// The time since `moment` for the user: "now", "9 min", "2 h", "3 days".
std::string age(Moment moment, Moment now);

/// The name of a binding's key, in ASCII if the theme has no glyphs.
std::string_view key_text(const Binding& binding, const Theme& theme);

}  // namespace jackin::tui
