// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "client/terminal/frame_view.hpp"

namespace jackin::client {

/// The lines at the bottom of what was printed so far, drawn again in place. Everything is relative to where the region
/// began, so it needs no alternate screen, and what stands above stays in the terminal's history. Returns what to write
/// to the terminal; knows none itself. The cursor must be at the start of an empty line when the region begins, and
/// nothing else may write while it lasts.
class LiveRegion {
 public:
  /// Makes the region show `lines`; only lines that differ are drawn. No line may be wider than `columns`.
  std::string show(const ScreenLines& lines, int columns);

  /// Takes the region away; the cursor is where it began.
  std::string clear();

  /// The terminal's screen was emptied by somebody else: nothing is shown any more, the cursor is at the start of a
  /// line.
  void forget();

 private:
  std::string move_to(int row);

  std::vector<std::string> shown_;
  int row_ = 0;
  bool cursor_hidden_ = false;
};

}  // namespace jackin::client
