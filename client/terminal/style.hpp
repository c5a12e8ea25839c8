// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/environment.hpp"

namespace jackin::client {

/// The meaning of a text, which decides its colour.
enum class TextStyle { plain, strong, dim, good, warning, bad };

/// The style of an output: with or without colour, with or without characters beyond ASCII. A value.
struct OutputStyle {
  bool colour = false;
  bool unicode = true;

  /// `text` between the escape sequences for `style`; unchanged without colour. `text` must be drawable.
  std::string styled(TextStyle style, std::string_view text) const;
};

/// Height and width in character cells.
struct CellSize {
  int rows = 24;
  int columns = 80;
  friend bool operator==(const CellSize&, const CellSize&) = default;
};

/// Whether `fd` is a terminal that can move the cursor: TERM is not "dumb".
bool is_screen(int fd, const Environment& environment);

/// Whether `environment` requests UTF-8. The first of LC_ALL, LC_CTYPE and LANG that is set decides, as for
/// setlocale(3).
bool speaks_utf8(const Environment& environment);

/// Colour if `fd` is a terminal, NO_COLOR is empty or unset (no-color.org), and TERM is not "dumb". Characters beyond
/// ASCII if the locale is UTF-8.
OutputStyle output_style_of(int fd, const Environment& environment);

/// The size of the terminal at `fd`; 24 by 80 when it is unknown.
CellSize size_of_terminal(int fd);

}  // namespace jackin::client
