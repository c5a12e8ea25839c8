// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/mint/frame_update.hpp"
#include "daemon/mint/masking.hpp"
#include "daemon/mint/screen.hpp"

namespace jackin::mint {

/// What may be seen of a screen, a value: nothing in it is covered by the mask it was made with.
struct Frame {
  TerminalSize size;
  std::vector<std::vector<StyledRun>> rows;  ///< One per row; blank ends left out.
  Screen::Cursor cursor;
  friend bool operator==(const Frame&, const Frame&) = default;
};

/// The frame of `screen`: each hidden cell is a `•`, characters that steer a terminal or cannot be seen are `�`. Of a
/// screen with more than `most_rows` rows it shows the last ones with something on them, and the cursor.
Frame frame_of(const Screen& screen, const Mask& mask, int most_rows = 1000);

/// What turns `before` into `now`: the rows that differ, or all of them when there is no `before` or of another size.
FrameUpdate difference(const Frame* before, const Frame& now);

/// `frame` with `update` applied: how a client keeps what it shows.
void apply(const FrameUpdate& update, Frame& frame);

}  // namespace jackin::mint
