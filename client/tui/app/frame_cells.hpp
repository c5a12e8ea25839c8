// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "client/tui/model/cells.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::tui {

/// claude's screen as cells, updated from the daemon's frames; unchanged rows are kept. All text is made drawable.
class FrameCells {
 public:
  /// Applies an update. A changed size first empties the screen. Ignores rows outside the screen.
  void apply(const v1::Frame& frame);

  /// The screen without the blank rows at its end. It has at least one row once a frame has come.
  Cells cells() const;

 private:
  CellSize size_{0, 0};
  std::vector<v1::FrameRow> rows_;
  CellPosition cursor_;
  bool cursor_visible_ = false;
};

}  // namespace jackin::tui
