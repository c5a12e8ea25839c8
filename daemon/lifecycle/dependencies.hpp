// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "common/paths.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/process/program_runner.hpp"
#include "daemon/process/pty.hpp"

namespace jackin::config {
class Configuration;
struct Settings;
}  // namespace jackin::config
namespace jackin::async {
class TimedCalls;
}
namespace jackin::secrets {
class Sources;
class Store;
}  // namespace jackin::secrets
namespace jackin::mint {
class BrowserCalls;
}
namespace jackin::health {
class Health;
class Upstream;
}  // namespace jackin::health
namespace jackin::state {
class Database;
}

namespace jackin::lifecycle {

class Operations;

/// The dependencies of a saga. DaemonCore provides them, and they outlive every saga.
struct Dependencies {
  const Paths& paths;
  const config::Settings& settings;
  Clock& clock;
  async::Pool& pool;
  async::Pool& writers;            ///< Write the configuration: jackin's lock can delay that for seconds.
  async::TimedCalls& named_files;  ///< Read other configuration folders, which can be on any mount.
  ProgramRunner& programs;
  PtyLauncher& terminals;
  mint::BrowserCalls& browser_calls;
  config::Configuration& configuration;
  secrets::Sources& sources;
  std::vector<secrets::Store*> stores;  ///< In the order of preference for a default.
  health::Health& health;
  health::Upstream& upstream;
  state::Database& database;
  Operations& operations;
  std::filesystem::path relay;  ///< The installed jackin-relay.
  /// The socket that the daemon listens on, for the relay. It differs from the planned socket after that was removed.
  /// Empty: the planned one.
  std::function<std::filesystem::path()> socket{};
};

}  // namespace jackin::lifecycle
