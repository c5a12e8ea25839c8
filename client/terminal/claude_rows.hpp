// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jackin::client {

/// Which rows of claude's screen to show, as indices into `rows`, the texts of its rows. These are the last `most` rows
/// up to the last one with text. Leaves out claude's picture and all above it. Leaves out claude's own copy of `link`
/// and all above it, when `link` is not empty: claude overwrites a part of it at the first key (2.1.197, seen). Where
/// `most` is too small, drops empty rows first, and keeps the row of the cursor.
std::vector<int> claude_rows(const std::vector<std::string>& rows, std::optional<int> cursor_row, int most,
                             std::string_view link);

}  // namespace jackin::client
