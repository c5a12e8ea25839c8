// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/tui/model/cells.hpp"
#include "common/environment.hpp"

namespace jackin::tui {

/// The colours that a terminal has. Other colours are replaced by the nearest one.
enum class ColorLevel { none, sixteen, indexed, full };

/// `none` with NO_COLOR (no-color.org), `full` if COLORTERM is truecolor or 24bit, `indexed` if TERM contains 256color,
/// else `sixteen`. TERM=dumb also gives `none`, but jackin-tui does not start there (`App::run`).
ColorLevel color_level_of(const Environment& environment);

/// Computes the bytes that change a terminal from the last screen to the next one: only the changed cells, as one
/// synchronized update (mode 2026). Does not write. A row of more than `most_row_bytes` bytes gets fewer colours, and
/// then no styles; its text is never cut. The text of a cell is made drawable.
class Output {
 public:
  static constexpr std::size_t most_row_bytes = 1000;

  explicit Output(ColorLevel colors) : colors_(colors) {}

  /// Returns the bytes that change the last screen to `next`; empty if nothing changed. A new size redraws everything.
  std::string draw(const Cells& next);

  /// Call after other output reached the terminal, or its size changed. The next screen is then drawn completely.
  void forget() noexcept { is_known_ = false; }

 private:
  std::string row_bytes(const Cells& next, int row) const;
  std::string row_bytes(const Cells& next, int row, ColorLevel colors, bool styles) const;

  ColorLevel colors_;
  Cells shown_;
  bool is_known_ = false;
};

}  // namespace jackin::tui
