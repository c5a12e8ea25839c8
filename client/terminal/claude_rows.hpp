// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jackin::client {

/// Selects the rows of claude's screen to show. Returns indices into `rows`, the texts of the rows. Selects the last
/// `most` rows up to the last one with text or with the cursor. Leaves out claude's picture and the rows above it. If
/// `link` is not empty, leaves out claude's own copy of it and the rows above that copy. claude overwrites a part of
/// its copy at the first key (2.1.197, seen). If `most` is too small, drops empty rows first and keeps the cursor's
/// row.
std::vector<int> claude_rows(const std::vector<std::string>& rows, std::optional<int> cursor_row, int most,
                             std::string_view link);

}  // namespace jackin::client
