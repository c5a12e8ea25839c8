// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/environment.hpp"

namespace jackin::client {

/// What a piece of text is meant to say, apart from its words.
enum class TextStyle { plain, strong, dim, good, warning, bad };

/// How text looks on one output: with colour or without, with glyphs beyond ASCII or without. A value.
struct OutputStyle {
  bool colour = false;
  bool unicode = true;

  /// `text` between the sequences for `tone`; as it is without colour. `text` must be drawable.
  std::string styled(TextStyle style, std::string_view text) const;
};

/// Height and width in character cells.
struct CellSize {
  int rows = 24;
  int columns = 80;
  friend bool operator==(const CellSize&, const CellSize&) = default;
};

/// Whether `fd` is a terminal that moves its cursor when told (TERM is not "dumb").
bool is_screen(int fd, const Environment& environment);

/// Whether `environment` asks for UTF-8: the first that is set of LC_ALL, LC_CTYPE and LANG decides, as for
/// setlocale(3).
bool speaks_utf8(const Environment& environment);

/// Colour on a terminal, unless NO_COLOR is set to something (no-color.org) or TERM is "dumb"; glyphs beyond ASCII
/// where the locale has them.
OutputStyle output_style_of(int fd, const Environment& environment);

/// The size of the terminal at `fd`; 24 by 80 when it does not say.
CellSize size_of_terminal(int fd);

}  // namespace jackin::client
