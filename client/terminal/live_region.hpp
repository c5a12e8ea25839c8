// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "client/terminal/frame_view.hpp"

namespace jackin::client {

/// The last lines of the output, redrawn in place. All positions are relative to the start of the region, so it needs
/// no alternate screen, and earlier output stays in the scrollback. Returns the bytes to write; it does not write
/// itself. When the region begins, the cursor must be at the start of an empty line. Until it ends, no other code may
/// write to the terminal.
class LiveRegion {
 public:
  /// Makes the region show `lines`, and redraws only lines that differ. A line wider than `columns` is written as one
  /// text, so that the terminal wraps it and copies it without line ends. The terminal must have at least as many rows
  /// as the region.
  std::string show(const ScreenLines& lines, int columns);

  /// Erases the region and puts the cursor at its start.
  std::string clear();

  /// Call after other code cleared the screen: the region is empty, and the cursor is at the start of a line.
  void forget();

 private:
  std::string move_to(int row);
  std::string draw(std::size_t row, const std::string& line, int columns);

  // One per row. A row that continues a line has the text of that line after `continued`.
  std::vector<std::string> shown_;
  int row_ = 0;
  bool cursor_hidden_ = false;
};

}  // namespace jackin::client
