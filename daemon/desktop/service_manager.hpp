// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "common/environment.hpp"
#include "daemon/async/clock.hpp"

namespace jackin {

/// What looks after the daemon, systemd or nobody, and is told how it fares. Each status is one line for people.
/// Daemon's thread only. What cannot be told is not: nobody waits for it.
class ServiceManager {
 public:
  virtual ~ServiceManager() = default;

  /// Clients are let in, for the first time or again after `reloading`.
  virtual void ready(const std::string& status) = 0;
  /// The settings are being read again; `ready` follows, whatever they say.
  virtual void reloading() = 0;
  /// The daemon ends, as soon as what runs allows.
  virtual void stopping(const std::string& status) = 0;

  /// After how long without `alive` the manager kills the daemon; nothing when it does not watch.
  virtual std::optional<Clock::Duration> watchdog() const = 0;
  virtual void alive() = 0;
};

/// The one that started this process, by what `inherited` says. On Linux systemd (sd_notify(3),
/// sd_watchdog_enabled(3)); on macOS nobody, since launchd asks for no word. NOTIFY_SOCKET is set in this process's own
/// environment, where libsystemd looks for it; children are given environments that do not hold it. Call it while there
/// is one thread.
std::unique_ptr<ServiceManager> system_service_manager(const Environment& inherited);

/// For a daemon that nobody looks after.
std::unique_ptr<ServiceManager> no_service_manager();

/// Says `alive` twice in each time limit of the watchdog's, for as long as the io_context turns; ends at once where
/// there is none, so that it wakes nobody. Both outlive it. Ends when the wait is cancelled.
asio::awaitable<void> feed_watchdog(ServiceManager& manager, Clock& clock);

}  // namespace jackin
