// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "daemon/mint/screen.hpp"

namespace jackin::mint {

/// How long the token that begins at a cell is valid, according to claude: "valid for 90 days" on the rows above it or
/// to its left, with or without wrapping at words. "less than a day" is 0 days. Nothing when claude does not say.
/// claude 2.1.332 rounds the server's `expires_in` to whole days (seen): "1 day" is 12 to 36 hours, "1 year" is 365
/// days.
std::optional<std::chrono::days> lifetime_beside(const Screen& screen, int line, int column);

}  // namespace jackin::mint
