// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/walk.hpp"

#include <utility>
#include <vector>

#include "daemon/async/slices.hpp"

namespace jackin::config {

Task<> each_workspace(async::Pool& pool, const Configuration& configuration,
                      std::function<void(const std::string& workspace)> visit) {
  // Lists a folder; does not access the configuration's cache.
  auto list = [&configuration] { return configuration.workspaces(); };
  CO_TRY(std::vector<std::string> names, co_await pool.run(std::move(list)));
  names.insert(names.begin(), std::string());
  async::Slices slices;
  for (const std::string& name : names) {
    visit(name);
    const bool goes_on = co_await slices.step();
    if (!goes_on) co_return failure(Reason::cancelled, "cancelled");
  }
  co_return Result<>();
}

}  // namespace jackin::config
