#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/health/health.hpp"
#include "daemon/platform/pool.hpp"
#include "daemon/platform/process.hpp"
#include "daemon/platform/task.hpp"
#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/store.hpp"
#include "daemon/state/database.hpp"

namespace jackin::health {

/// What doctor finds about the house, beside the scopes.
struct HouseReport {
  std::vector<Finding> daemon;
  std::vector<Finding> programs;
  std::vector<Finding> stores;
  std::vector<Finding> leftovers;  ///< Operations that could not be finished or undone; tokens that nothing names.
};

/// What the house consists of. All outlive the examination.
struct House {
  platform::Pool& pool;
  ProgramRunner& programs;
  state::Database& database;
  const std::vector<secrets::Store*>& stores;
  secrets::OpCli& op;
  const std::filesystem::path& config_dir;
  std::string base_url{config::default_base_url};  ///< Where the API is asked.
};

/// Checks the system for a client with that environment. `settings_problems` is what is wrong with jackind.toml
/// and what holds in its place; `running` are the operations that are under way and so no leftovers. Errors:
/// cancelled; all else is a finding. Daemon's thread.
Task<HouseReport> examine_house(House house, Environment client, std::vector<Error> settings_problems,
                                std::set<std::string> running);

}  // namespace jackin::health
