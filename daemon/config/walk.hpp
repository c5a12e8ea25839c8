// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "daemon/async/task.hpp"
#include "daemon/config/configuration.hpp"

namespace jackin::config {

/// Reads the files, then calls `visit` with the empty name, which means config.toml, and with each workspace's name in
/// order. `configuration.last_read` has the contents. It runs in turns of the event loop (`async::Slices`), so that the
/// daemon answers probes between two visits.
///
/// The names are those at the start. A visit finds its workspace's state, roles included, as it was shortly before, so
/// no workspace mixes two states. A workspace that was deleted since is visited and is missing. A workspace that was
/// added since is skipped. For a file that does not answer, `last_read` has the error. config.toml may change
/// between two visits: `global_changes` detects it. Errors: config_unreadable and timed_out, before any visit;
/// cancelled.
Task<> each_workspace(Configuration& configuration, std::function<void(const std::string& workspace)> visit);

}  // namespace jackin::config
