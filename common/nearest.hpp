#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace jackin {

/// How many characters have to be changed, put in or taken out to make one text of the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The at most three names of `all` that `name` may be meant to be, the nearest first.
std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& all);

}  // namespace jackin
