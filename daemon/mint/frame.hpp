// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/mint/frame_update.hpp"
#include "daemon/mint/masking.hpp"
#include "daemon/mint/screen.hpp"

namespace jackin::mint {

/// A screen's contents without the cells that the mask hides. A value.
struct Frame {
  TerminalSize size;
  std::vector<std::vector<StyledRun>> rows;  ///< One per row, without trailing blanks.
  Screen::Cursor cursor;
  friend bool operator==(const Frame&, const Frame&) = default;
};

/// The frame of `screen`. A hidden cell becomes `•`; a character that controls a terminal or is invisible becomes `�`.
/// For a screen with more than `most_rows` rows it contains the last non-blank rows, and the cursor.
Frame frame_of(const Screen& screen, const Mask& mask, int most_rows = 1000);

/// The update from `before` to `now`: the rows that differ, or all rows when there is no `before` or its size differs.
FrameUpdate difference(const Frame* before, const Frame& now);

/// Applies `update` to `frame`, the client's copy of the screen.
void apply(const FrameUpdate& update, Frame& frame);

}  // namespace jackin::mint
