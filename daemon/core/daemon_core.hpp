// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "common/environment.hpp"
#include "common/paths.hpp"
#include "daemon/async/clock.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/config/workdirs.hpp"
#include "daemon/core/adapters.hpp"
#include "daemon/core/removals.hpp"
#include "daemon/health/feed.hpp"
#include "daemon/health/health.hpp"
#include "daemon/health/scheduler.hpp"
#include "daemon/ipc/service_interfaces.hpp"
#include "daemon/launch/launch.hpp"
#include "daemon/lifecycle/dependencies.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/recovery_runs.hpp"
#include "daemon/lifecycle/revoke.hpp"
#include "daemon/lifecycle/rotate.hpp"
#include "daemon/lifecycle/setup.hpp"
#include "daemon/lifecycle/system_check.hpp"
#include "daemon/mint/browser_calls.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/secrets/op_browse.hpp"
#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/secret_cache.hpp"

namespace jackin {

/// The settings in use, and what is wrong with the file that they come from.
struct CurrentSettings {
  config::Settings values;
  std::optional<Error> refused;  ///< `config::LoadedSettings::refused`
  std::optional<Error> problem;  ///< Why the file could not be read last.
  bool are_defaults = false;     ///< The file has not been valid since the start.

  /// The errors for doctor.
  std::vector<Error> problems() const;
};

/// The object graph of the daemon: configuration, health, launches and sagas, connected with each other and with the
/// services of the protocol. Everything outside, the operating system and the network, comes with the Dependencies:
/// the daemon passes the real ones (core/system_parts), tests pass fakes. Daemon's thread only.
class DaemonCore {
 public:
  /// All must outlive the core.
  struct Dependencies {
    asio::any_io_executor executor;
    const Paths& paths;
    const Environment& environment;  ///< The daemon's own.
    const CurrentSettings& settings;
    Clock& clock;
    Clock& file_clock;  ///< For the limits of the threads that read the configuration: the same, but for tests.
    async::Pool& pool;
    async::Pool& writers;            ///< `lifecycle::Dependencies::writers`
    async::TimedCalls& named_files;  ///< For paths that a client or the configuration names.
    ProgramRunner& programs;
    PtyLauncher& terminals;
    mint::BrowserCalls& browser_calls;  ///< Must outlive every coroutine on the executor.
    state::Database& database;
    secrets::Sources& sources;
    secrets::OpCli& op;
    std::vector<secrets::Store*> stores;             ///< In the order of preference for a default.
    std::vector<secrets::Store*> unattended_stores;  ///< The same; these never ask the user.
    health::Upstream& upstream;
    notify::Notifier& notifier;
    std::filesystem::path relay;                      ///< The installed jackin-relay.
    std::function<std::filesystem::path()> socket{};  ///< `lifecycle::Dependencies::socket`
  };

  explicit DaemonCore(const Dependencies& deps);
  DaemonCore(const DaemonCore&) = delete;
  DaemonCore& operator=(const DaemonCore&) = delete;

  /// The services of the protocol; `daemon` is that of the process. They exist as long as the core.
  ipc::ServiceInterfaces services(ipc::DaemonInterface& daemon);

  /// Called after a new answer, an edited file or a system sleep. Informs the watching clients and checks what is due.
  void something_changed();

  /// The settings were read again. Applies those that the components keep.
  void settings_changed();

  /// Wipes the cached tokens; logs `why` and returns their number.
  std::size_t forget_secrets(const char* why);

  const Dependencies deps;

  // The components, in the order of dependency: the last one is destroyed first.
  Removals removals;
  config::Configuration configuration;
  config::Workdirs workdirs;
  secrets::SecretCache cache;
  health::Health health;
  health::Feed feed;
  health::Scheduler scheduler;
  health::Probes probes;
  launch::Launch launch;
  lifecycle::Operations operations;
  lifecycle::Dependencies attended;
  lifecycle::Dependencies unattended;
  lifecycle::Setup setup;
  lifecycle::Rotate rotate;
  lifecycle::Revoke revoke;
  lifecycle::RecoveryRuns recovery;
  lifecycle::SystemCheck system_check;
  secrets::OpBrowse op_browse;

 private:
  TokensAdapter tokens_service_;
  HealthAdapter health_service_;
  LaunchAdapter launch_service_;
  StoresAdapter stores_service_;
};

}  // namespace jackin
