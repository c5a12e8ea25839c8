// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ftxui/dom/elements.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/terminal/text.hpp"
#include "client/tui/model/cells.hpp"
#include "client/tui/view/theme.hpp"

namespace jackin::tui {

/// One row of text with styles. Texts are made drawable, and widths are those of client/terminal.
class Line {
 public:
  Line() = default;
  Line(std::string_view text, TextStyle style = TextStyle::plain) { add(text, style); }  // NOLINT(*-explicit-*)

  Line& add(std::string_view text, TextStyle style = TextStyle::plain);
  Line& add(const Mark& mark) { return add(mark.glyph, mark.style); }
  /// Adds blanks up to `column`; at least one, even if the text already reaches `column`.
  Line& to(int column);
  /// Adds `text` so that it ends at `columns`. Shortens the text before it if necessary.
  Line& right(std::string_view text, int columns, TextStyle style = TextStyle::plain);
  /// Shortens the line to `columns`, with a mark where it was cut.
  Line& fit(int columns, std::string_view mark);
  /// Draws the whole row in reverse.
  Line& select(bool selected = true) {
    is_selected_ = selected;
    return *this;
  }
  /// Puts the cursor after the text so far, or at `column`.
  Line& cursor() { return cursor_at(width_); }
  Line& cursor_at(int column) {
    cursor_ = column;
    return *this;
  }

  int width() const { return width_; }
  bool is_selected() const { return is_selected_; }
  std::optional<int> cursor_column() const { return cursor_; }

  struct Span {
    std::string text;
    TextStyle style = TextStyle::plain;
  };
  const std::vector<Span>& spans() const { return spans_; }

 private:
  std::vector<Span> spans_;
  int width_ = 0;
  bool is_selected_ = false;
  std::optional<int> cursor_;
};

using Lines = std::vector<Line>;

/// `line` with the text of `more` behind it.
Line joined(Line line, const Line& more);

/// An element that draws one line, one that draws all, and one that draws other cells.
ftxui::Element element(Line line, const Theme& theme);
ftxui::Element element(Lines lines, const Theme& theme);
/// Draws `cells`, with their cursor if `with_cursor`.
ftxui::Element element(Cells cells, bool with_cursor, const Theme& theme);

/// A horizontal rule across the screen, with `title` in it unless it is empty.
Line rule(int columns, const Theme& theme, std::string_view title = {});

/// The end of `text` that fits into `columns`, with a mark where it was cut. So the text that is being typed stays
/// visible.
std::string end_of_text(std::string_view text, int columns, std::string_view mark);

using client::wrapped;

/// `text` after a mark, indented by three columns and wrapped.
Lines marked(const Mark& mark, std::string_view text, int columns);

}  // namespace jackin::tui
