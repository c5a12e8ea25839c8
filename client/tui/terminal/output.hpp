// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/tui/model/cells.hpp"
#include "common/environment.hpp"

namespace jackin::tui {

/// The colours of a terminal. Others are replaced by the nearest one.
enum class ColorLevel { none, sixteen, indexed, full };

/// NO_COLOR (no-color.org) and TERM=dumb: none. COLORTERM is truecolor or 24bit: full. TERM has 256color: indexed. Else
/// 16.
ColorLevel color_level_of(const Environment& environment);

/// Turns screens into the bytes that make a terminal show them: the cells that changed since the screen before, as one
/// synchronized update (mode 2026). Returns bytes and does not write. A row that exceeds
/// `most_row_bytes` gets fewer colours, and then no styles; its text is never cut. The text of a cell is made drawable.
class Output {
 public:
  static constexpr std::size_t most_row_bytes = 1000;

  explicit Output(ColorLevel colors) : colors_(colors) {}

  /// The bytes that turn the screen shown last into `next`; empty when nothing changed. Another size draws all of it.
  std::string draw(const Cells& next);

  /// Call after other output reached the terminal, or its size changed: the next screen is drawn whole.
  void forget() noexcept { is_known_ = false; }

 private:
  std::string row_bytes(const Cells& next, int row) const;
  std::string row_bytes(const Cells& next, int row, ColorLevel colors, bool styles) const;

  ColorLevel colors_;
  Cells shown_;
  bool is_known_ = false;
};

}  // namespace jackin::tui
