// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace jackin {

/// The number of characters to change, insert or delete to turn one text into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// Up to three names of `all` that are similar to `name`, the most similar first.
std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& all);

}  // namespace jackin
