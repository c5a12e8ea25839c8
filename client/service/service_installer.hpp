// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "client/service/service_text.hpp"
#include "common/environment.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// The result of an installation or a removal.
struct ServiceOutcome {
  bool changed = false;                      ///< False: nothing had to be changed.
  std::vector<std::filesystem::path> files;  ///< The files that start jackind, or the removed files.
};

/// Stops a running daemon, if any, after its operations have reached a safe point. Called before a service manager
/// starts its own daemon.
using EndRunning = std::function<Result<>()>;

/// Installs and uninstalls jackind at the user's service manager. On failure the files are restored. Blocking; takes
/// minutes when the running daemon has operations to finish.
class ServiceInstaller {
 public:
  virtual ~ServiceInstaller() = default;

  /// Writes files that are missing, or were written by another version or for another place. Makes the manager start
  /// jackind now and at each login. Errors: not_ours (a file was not written by jackinctl, or was changed since),
  /// unsupported (no such manager here), program_failed (with the manager's message), those of `end_running` and of the
  /// system.
  virtual Result<ServiceOutcome> install(const ServiceDescription& service, const EndRunning& end_running) = 0;

  /// Stops the service and removes only the files that jackinctl wrote. Errors: as above.
  virtual Result<ServiceOutcome> uninstall(const EndRunning& end_running) = 0;
};

/// The folders where systemd searches for user units from packages (systemd.unit(5), "User Unit Search Path").
std::vector<std::filesystem::path> packaged_unit_folders();

/// An installer for systemd's user manager, by the systemctl on PATH. Units are in $XDG_CONFIG_HOME/systemd/user, else
/// ~/.config/systemd/user. Units in `packaged` that start the same program at the same place are used unchanged.
std::unique_ptr<ServiceInstaller> unit_installer(Environment environment,
                                                 std::vector<std::filesystem::path> packaged = packaged_unit_folders());

/// An installer for launchd, by the launchctl on PATH; ~/Library/LaunchAgents/dev.jackin.jackind.plist.
std::unique_ptr<ServiceInstaller> launch_agent_installer(Environment environment);

/// The installer for the operating system of this build.
std::unique_ptr<ServiceInstaller> service_installer(Environment environment);

}  // namespace jackin::client
