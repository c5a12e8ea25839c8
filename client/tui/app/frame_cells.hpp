// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/terminal/frame_rows.hpp"
#include "client/tui/model/cells.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::tui {

/// claude's screen as cells. All text is made drawable.
class FrameCells {
 public:
  void apply(const v1::Frame& frame) { rows_.apply(frame); }

  /// The rows of claude's screen that `claude_rows` selects: without claude's picture and all above it, and without the
  /// blank rows at the end. It has at least one row once a frame has come.
  Cells cells() const;

 private:
  client::FrameRows rows_;
};

}  // namespace jackin::tui
