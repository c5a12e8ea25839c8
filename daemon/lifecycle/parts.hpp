#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/paths.hpp"
#include "daemon/platform/clock.hpp"
#include "daemon/platform/pool.hpp"
#include "daemon/platform/process.hpp"
#include "daemon/platform/pty.hpp"

namespace jackin::config {
class Configuration;
struct Settings;
}  // namespace jackin::config
namespace jackin::platform {
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

/// Everything a saga works with, handed in by the composition root, which owns it all and outlives every saga.
struct Parts {
  const Paths& paths;
  const config::Settings& settings;
  Clock& clock;
  platform::Pool& pool;
  platform::Pool& writers;  ///< Where the configuration is written: jackin's lock can hold that up for seconds.
  platform::TimedCalls& named_files;  ///< Where other configuration folders are read: they can be on any mount.
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
};

}  // namespace jackin::lifecycle
