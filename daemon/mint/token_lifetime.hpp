// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "daemon/mint/screen.hpp"

namespace jackin::mint {

/// How long claude says that the token is valid that begins at a cell: "valid for 90 days" on the rows above it or to
/// the left of it, wrapped at words or not. "less than a day" is 0 days. Nothing when it does not say. claude 2.1.332
/// rounds the server's `expires_in` to whole days (seen): "1 day" is 12 to 36 hours, "1 year" is 365 days.
std::optional<std::chrono::days> lifetime_beside(const Screen& screen, int line, int column);

}  // namespace jackin::mint
