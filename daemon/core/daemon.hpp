// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/desktop/service_manager.hpp"
#include "daemon/ipc/daemon_lock.hpp"
#include "daemon/ipc/unix_socket.hpp"

namespace jackin {

/// The daemon as a process. Creates a DaemonCore with the real clock, programs and stores, serves its clients, and runs
/// until a shutdown is requested. One thread runs it and starts other threads for blocking work.
class Daemon {
 public:
  struct Start {
    Paths paths;
    Environment environment;  ///< The part that the daemon keeps of its own environment.
    bool is_service = false;  ///< A service manager started it.
    config::LoadedSettings settings;
    std::optional<Error> settings_problem;       ///< What is wrong with the settings' file, if anything.
    std::optional<std::string> fixed_log_level;  ///< From the command line; overrides the settings.
    ipc::ListeningSocket socket;
    ipc::DaemonLock& lock;    ///< Taken; outlives the daemon.
    ServiceManager& manager;  ///< Outlives the daemon.
    std::size_t descriptors;  ///< The limit of open descriptors.
  };

  /// Opens the database. The daemon lock is held. Errors: those of the database.
  static Result<std::unique_ptr<Daemon>> make(Start start);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Serves until SIGTERM, SIGINT or a client's Shutdown. Then it rejects new operations, lets running operations reach
  /// a safe point within limits, and still answers queries. A second signal ends it at once. Calls `listening` once
  /// clients can connect. Returns false when work was left unfinished. Errors: those of the startup.
  Result<bool> run(std::function<void()> listening);

 private:
  class Process;
  explicit Daemon(std::unique_ptr<Process> process);
  std::unique_ptr<Process> process_;
};

}  // namespace jackin
