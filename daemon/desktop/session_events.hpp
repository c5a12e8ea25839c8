// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "daemon/async/clock.hpp"

namespace jackin {

/// Reports when the machine sleeps and when the user's session is locked. It causes no wake-up of its own. If the
/// system does not report an event, its function is never called. Daemon's thread only: the io_context's run calls each
/// function, one at a time, never after destruction. The functions must not destroy this object.
class SessionEvents {
 public:
  using Call = std::function<void()>;
  virtual ~SessionEvents() = default;

  // Set each function once, before `start`.

  /// The machine is about to suspend. The suspend waits until this function has returned, for at most some seconds.
  void on_suspend(Call call) { suspend_ = std::move(call); }
  /// The machine runs again, or did not suspend. Called once for each sleep, including a sleep without an announcement.
  void on_resume(Call call) { resume_ = std::move(call); }
  /// The screen of one of the user's sessions is locked, or will be. May be called more than once for one lock.
  void on_lock(Call call) { lock_ = std::move(call); }
  /// The session is unlocked, or will be. May be called more than once.
  void on_unlock(Call call) { unlock_ = std::move(call); }
  /// Called once, with the reason, when no further sleep or lock events will arrive. `unsupported`: the machine has no
  /// source of such events, as in a container.
  void on_trouble(std::function<void(const Error&)> call) { trouble_ = std::move(call); }

  /// Starts the event sources. Does not block.
  virtual void start() = 0;

 protected:
  void report_suspend() const { report(suspend_); }
  void report_resume() const { report(resume_); }
  void report_lock() const { report(lock_); }
  void report_unlock() const { report(unlock_); }
  void report_trouble(const Error& error) {
    if (const auto call = std::exchange(trouble_, nullptr)) call(error);
  }

 private:
  static void report(const Call& call) {
    if (call) call();
  }

  Call suspend_;
  Call resume_;
  Call lock_;
  Call unlock_;
  std::function<void(const Error&)> trouble_;
};

/// The operating system's session events. Linux: logind on the system bus (`environment`'s DBUS_SYSTEM_BUS_ADDRESS,
/// else the default address) reports all events and delays a suspend until `on_suspend` has returned. The kernel
/// reports a resume even without logind. macOS: IOKit and the login window's distributed notifications. `clock` must
/// outlive the io_context's last run.
std::unique_ptr<SessionEvents> system_session_events(asio::any_io_executor executor, Clock& clock,
                                                     const Environment& environment);

}  // namespace jackin
