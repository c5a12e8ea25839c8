// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/task.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/health/health.hpp"
#include "daemon/process/program_runner.hpp"
#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/store.hpp"
#include "daemon/state/database.hpp"

namespace jackin::lifecycle {

/// What doctor finds beside the scopes: the daemon, programs, stores and leftovers.
struct SystemReport {
  std::vector<health::Finding> daemon;
  std::vector<health::Finding> programs;
  std::vector<health::Finding> stores;
  std::vector<health::Finding>
      leftovers;  ///< Operations that could not be finished or undone; tokens that no configuration names.
};

/// What the system check needs. All must outlive the check.
struct SystemDependencies {
  async::Pool& pool;
  ProgramRunner& programs;
  state::Database& database;
  const std::vector<secrets::Store*>& stores;
  secrets::OpCli& op;
  const std::filesystem::path& config_dir;
  std::string base_url{config::default_base_url};  ///< The URL of the API.
};

/// Checks the system for a client with that environment. `settings_problems` describes the errors in jackind.toml and
/// the values used instead. `running` names the operations in progress, which are not leftovers. Errors: cancelled; any
/// other failure is a finding. Daemon's thread.
Task<SystemReport> check_system(SystemDependencies system, Environment client, std::vector<Error> settings_problems,
                                std::set<std::string> running);

}  // namespace jackin::lifecycle
