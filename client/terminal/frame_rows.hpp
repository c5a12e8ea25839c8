// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/terminal/style.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// The rows of claude's screen, updated from the daemon's frames; unchanged rows are kept. Texts are as the daemon sent
/// them.
class FrameRows {
 public:
  struct Cursor {
    int row = 0;
    int column = 0;
  };

  /// Applies an update. A changed size first empties the screen. Ignores rows outside the screen.
  void apply(const v1::Frame& frame);

  CellSize size() const noexcept { return size_; }
  const v1::FrameRow& at(int row) const { return rows_[static_cast<std::size_t>(row)]; }
  /// Nothing when it is hidden or outside the screen.
  std::optional<Cursor> cursor() const;

  /// The drawable text of each row, for `claude_rows`. A row without text that shows something nevertheless, such as a
  /// bar, has a no-break space.
  std::vector<std::string> texts() const;

 private:
  CellSize size_{0, 0};
  std::vector<v1::FrameRow> rows_;
  Cursor cursor_;
  bool cursor_visible_ = false;
};

}  // namespace jackin::client
