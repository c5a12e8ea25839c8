// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <chrono>
#include <memory>

#include "common/dates.hpp"

namespace jackin {

/// A clock interface that tests can replace. All methods except `now` and `uptime` belong to the daemon's thread.
class Clock {
 public:
  using Duration = std::chrono::nanoseconds;
  virtual ~Clock() = default;

  /// The wall clock, UTC. May jump.
  virtual Moment now() const = 0;

  /// Time since boot, suspend included. Never goes back.
  virtual Duration uptime() const = 0;

  /// Waits until `uptime()` has grown by `duration`. Returns true when it has, false when the wait was cancelled (asio
  /// cancellation). Suspend counts: a wait that expires during suspend returns immediately on resume.
  virtual asio::awaitable<bool> wait(Duration duration) = 0;
};

/// The operating system's clock: timerfd on CLOCK_BOOTTIME on Linux, EVFILT_TIMER on continuous time on macOS. It
/// causes no wake-up while no coroutine waits.
std::unique_ptr<Clock> system_clock(asio::any_io_executor executor);

}  // namespace jackin
