// SPDX-License-Identifier: Apache-2.0
#include "common/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace jackin {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& all) {
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& other : all) {
    const bool one_in_the_other = !name.empty() && (other.find(name) != other.npos || name.find(other) != name.npos);
    const std::size_t far = one_in_the_other ? 1 : edit_distance(name, other);
    if (far <= std::max<std::size_t>(2, name.size() / 3)) near.emplace_back(far, other);
  }
  std::sort(near.begin(), near.end());
  if (near.size() > 3) near.resize(3);
  std::vector<std::string> names;
  names.reserve(near.size());
  for (auto& [far, other] : near) names.push_back(std::move(other));
  return names;
}

}  // namespace jackin
