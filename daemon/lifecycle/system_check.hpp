// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/paths.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/task.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/lifecycle/recovery_runs.hpp"
#include "daemon/process/program_runner.hpp"
#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/store.hpp"
#include "daemon/state/database.hpp"

namespace jackin::lifecycle {

/// The findings of doctor that are not about a scope: the daemon, programs, stores and leftovers.
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
  async::TimedCalls& named_files;  ///< Compare configuration folders, which can be on any mount.
  ProgramRunner& programs;
  state::Database& database;
  const std::vector<secrets::Store*>& stores;
  secrets::OpCli& op;
  const Paths& paths;
  std::string base_url{config::default_base_url};  ///< The URL of the API.
};

/// Checks the system for a client with that environment. `settings_problems` describes the errors in jackind.toml and
/// the values used instead. `running` names the operations in progress, which are not leftovers. Errors: cancelled; any
/// other failure is a finding. Daemon's thread.
Task<SystemReport> check_system(SystemDependencies system, Environment client, std::vector<Error> settings_problems,
                                std::set<std::string> running);

/// The parts of files because of which jackin refuses the configuration, if there is a sign of jackin for a client with
/// that environment; at most 20. Daemon's thread.
asio::awaitable<std::vector<health::Finding>> jackin_refusals(Dependencies& deps, Environment client);

/// The system check of a running daemon: recovery first, then `check_system`, and the tokens that no configuration
/// names. Daemon's thread; all arguments must outlive it.
class SystemCheck {
 public:
  SystemCheck(Dependencies& deps, secrets::OpCli& op, RecoveryRuns& recovery)
      : deps_(deps), op_(op), recovery_(recovery) {}

  /// For a client with that environment. Waits for the recovery of the start. Runs recovery again unless `offline`: a
  /// user is present, whom a store can ask, and who may have fixed what blocked it. `settings_problems` as in
  /// `check_system`. Errors: cancelled.
  Task<SystemReport> run(Environment client, bool offline, std::vector<Error> settings_problems);

 private:
  Dependencies& deps_;
  secrets::OpCli& op_;
  RecoveryRuns& recovery_;
};

}  // namespace jackin::lifecycle
