// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/terminal/frame_rows.hpp"
#include "client/terminal/style.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// Lines at the bottom of the terminal, with their styles and the position of the cursor. A line that is wider than the
/// terminal takes several rows; `cursor_row` counts rows. A negative `cursor_row` means that there is no cursor.
struct ScreenLines {
  std::vector<std::string> lines;
  int cursor_row = -1;
  int cursor_column = 0;
};

/// claude's screen as lines for the terminal. It makes all received text drawable again, so no byte of it can control
/// the user's terminal.
class FrameView {
 public:
  void apply(const v1::Frame& frame) { rows_.apply(frame); }

  /// Returns the part of the screen that fits into `place`: the rows that `claude_rows` selects.
  ScreenLines lines(CellSize place, const OutputStyle& output, std::string_view link = {}) const;

 private:
  FrameRows rows_;
};

}  // namespace jackin::client
