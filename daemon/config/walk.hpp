// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "daemon/async/pool.hpp"
#include "daemon/async/task.hpp"
#include "daemon/config/configuration.hpp"

namespace jackin::config {

/// Calls `visit` with the empty name, which means config.toml, and then with each workspace's name, in order. It runs
/// in turns of the event loop (`async::Slices`), so that the daemon answers probes between two visits.
///
/// The names are those at the start. A visit reads its workspace's present state, roles included, so no workspace mixes
/// two states. A workspace that was deleted since is visited and found missing; one that was added since is skipped.
/// config.toml may change between two visits: `global_changes` detects it. Errors: config_unreadable, before any visit;
/// cancelled.
Task<> each_workspace(async::Pool& pool, const Configuration& configuration,
                      std::function<void(const std::string& workspace)> visit);

}  // namespace jackin::config
