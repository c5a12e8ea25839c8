// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "daemon/async/pool.hpp"
#include "daemon/async/task.hpp"
#include "daemon/config/configuration.hpp"

namespace jackin::config {

/// Calls `visit` with the empty name, which stands for config.toml, and then with each workspace's name, in order; in
/// turns of the event loop (`async::Slices`), so that a probe is answered between two of them.
///
/// The names are those at the begin. A visit reads its workspace as it is at that moment, the roles included: no
/// workspace is half old and half new. A workspace that was deleted since is visited and found to be absent; one that
/// was added since is left out. Two visits may see a config.toml that changed in between: `global_changes`
/// tells. Errors: config_unreadable, before any visit; cancelled.
Task<> each_workspace(async::Pool& pool, const Configuration& configuration,
                      std::function<void(const std::string& workspace)> visit);

}  // namespace jackin::config
