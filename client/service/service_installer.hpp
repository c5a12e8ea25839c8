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

/// What became of an installation or its removal.
struct ServiceOutcome {
  bool changed = false;                      ///< False: it was so before.
  std::vector<std::filesystem::path> files;  ///< Those that jackind is started by, or that were removed.
};

/// Ends the daemon that runs, if any, so that operations come to a safe point first. Called before a service manager
/// takes its place.
using EndRunning = std::function<Result<>()>;

/// Tells the user's service manager of jackind, and takes that back. What fails leaves the files as they were.
/// Blocking; minutes, when the daemon that runs has something to bring to its end.
class ServiceInstaller {
 public:
  virtual ~ServiceInstaller() = default;

  /// Writes the files where they are missing or were written by another version or for another place, and has the
  /// manager keep jackind from now on and from each login on. Errors: not_ours (a file that is not, or no longer,
  /// jackinctl's), unsupported (no such manager here), program_failed (with the manager's own words), those of
  /// `end_running` and of the system.
  virtual Result<ServiceOutcome> install(const ServiceDescription& service, const EndRunning& end_running) = 0;

  /// Ends the service and removes the files that jackinctl has written; nothing of the user's. Errors: as above.
  virtual Result<ServiceOutcome> uninstall(const EndRunning& end_running) = 0;
};

/// Where systemd looks for units of every user that came with a package (systemd.unit(5), "User Unit Search Path").
std::vector<std::filesystem::path> packaged_unit_folders();

/// By systemd's user manager, asked through the systemctl on PATH; units in $XDG_CONFIG_HOME/systemd/user, else
/// ~/.config/systemd/user. Units in `packaged` that start the same program at the same place are used as they are.
std::unique_ptr<ServiceInstaller> unit_installer(Environment environment,
                                                 std::vector<std::filesystem::path> packaged = packaged_unit_folders());

/// By launchd, asked through the launchctl on PATH; ~/Library/LaunchAgents/dev.jackin.jackind.plist.
std::unique_ptr<ServiceInstaller> launch_agent_installer(Environment environment);

/// The one of the operating system that this was built for.
std::unique_ptr<ServiceInstaller> service_installer(Environment environment);

}  // namespace jackin::client
