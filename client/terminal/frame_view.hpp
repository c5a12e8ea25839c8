// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/terminal/style.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// Lines at the bottom of the terminal, with their styles, and the position of the cursor in them. A line that is wider
/// than the terminal takes several rows; `cursor_row` counts rows. A negative `cursor_row` means no cursor.
struct ScreenLines {
  std::vector<std::string> lines;
  int cursor_row = -1;
  int cursor_column = 0;
};

/// claude's screen, updated from the daemon's frames; unchanged rows are kept. It makes all received text drawable
/// again, so no byte of it can control the user's terminal.
class FrameView {
 public:
  /// Applies an update. A changed size first empties the screen. Ignores rows outside the screen.
  void apply(const v1::Frame& frame);

  /// Returns the part of the screen that fits into `place`: the rows that `claude_rows` selects.
  ScreenLines lines(CellSize place, const OutputStyle& output, std::string_view link = {}) const;

 private:
  CellSize size_{0, 0};
  std::vector<v1::FrameRow> rows_;
  int cursor_row_ = 0;
  int cursor_column_ = 0;
  bool cursor_visible_ = false;
};

}  // namespace jackin::client
