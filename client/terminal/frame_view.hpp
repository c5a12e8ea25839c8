// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "client/terminal/style.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// Lines to stand at the bottom of the terminal, each with its styles and no wider than the terminal, and where the
/// cursor is among them; no cursor when `cursor_row` is negative.
struct ScreenLines {
  std::vector<std::string> lines;
  int cursor_row = -1;
  int cursor_column = 0;
};

/// claude's screen as the daemon tells it, row by row; keeps what did not change. Whatever text comes is made drawable
/// again here: no byte of it can act on the user's terminal.
class FrameView {
 public:
  /// Takes in an update. Another size than before empties the screen first. Rows outside of it are ignored.
  void apply(const v1::Frame& frame);

  /// The part of the screen that fits into `place`, without the blank rows below: all of it, or the last rows, moved up
  /// when the cursor would be out of sight.
  ScreenLines lines(CellSize place, const OutputStyle& output) const;

 private:
  CellSize size_{0, 0};
  std::vector<v1::FrameRow> rows_;
  int cursor_row_ = 0;
  int cursor_column_ = 0;
  bool cursor_visible_ = false;
};

}  // namespace jackin::client
