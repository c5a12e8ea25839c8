// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/walk.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/async/slices.hpp"

namespace jackin::config {
namespace {

// Few enough that a file is visited soon after it was read, and many enough that the hand-over to a thread costs
// little.
constexpr std::size_t read_at_once = 64;

}  // namespace

Task<> each_workspace(Configuration& configuration, std::function<void(const std::string& workspace)> visit) {
  CO_TRY(WorkspaceFiles files, co_await configuration.workspace_files());
  std::vector<std::string>& names = files.names;
  names.insert(names.begin(), std::string());
  async::Slices slices;
  for (std::size_t begin = 0; begin < names.size(); begin += read_at_once) {
    const auto first = names.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = names.begin() + static_cast<std::ptrdiff_t>(std::min(begin + read_at_once, names.size()));
    std::vector<std::string> batch(first, last);
    co_await configuration.look(batch);
    for (const std::string& name : batch) {
      visit(name);
      const bool goes_on = co_await slices.step();
      if (!goes_on) co_return failure(Reason::cancelled, "cancelled");
    }
  }
  co_return Result<>();
}

}  // namespace jackin::config
