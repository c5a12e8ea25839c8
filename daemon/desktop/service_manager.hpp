// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "common/environment.hpp"
#include "daemon/async/clock.hpp"

namespace jackin {

/// Reports the daemon's state to the service manager that started it (systemd), if any. Each status is one printable
/// line for the user. Daemon's thread only. A report that cannot be sent is dropped; the daemon does not wait for it.
class ServiceManager {
 public:
  virtual ~ServiceManager() = default;

  /// The daemon accepts clients, for the first time or again after `reloading`.
  virtual void ready(const std::string& status) = 0;
  /// The daemon is reading its settings again; `ready` follows, whatever they contain.
  virtual void reloading() = 0;
  /// The daemon ends as soon as the running operations allow.
  virtual void stopping(const std::string& status) = 0;

  /// The time without `alive` after which the manager kills the daemon; nothing when it has no watchdog.
  virtual std::optional<Clock::Duration> watchdog() const = 0;
  virtual void alive() = 0;
};

/// The manager that started this process, according to `inherited`. On Linux systemd (sd_notify(3),
/// sd_watchdog_enabled(3)); on macOS none, since launchd expects no report. It sets NOTIFY_SOCKET in this process's own
/// environment, where libsystemd reads it; children get environments without it. Call it while there is one thread.
std::unique_ptr<ServiceManager> system_service_manager(const Environment& inherited);

/// For a daemon without a service manager.
std::unique_ptr<ServiceManager> no_service_manager();

/// Calls `alive` twice per watchdog limit while the io_context runs. Returns at once when there is no watchdog, so that
/// it causes no wake-up. `manager` and `clock` must outlive it. Ends when the wait is cancelled.
asio::awaitable<void> feed_watchdog(ServiceManager& manager, Clock& clock);

}  // namespace jackin
