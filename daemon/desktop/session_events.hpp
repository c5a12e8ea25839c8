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

/// Tells when the machine sleeps and when the user's session is locked. It causes no wake-up of its own. What the
/// system cannot tell is never called; the rest works without. Daemon's thread only: every function is called from the
/// io_context's run, one at a time, never after this is destroyed (which they must not do themselves).
class SessionEvents {
 public:
  using Call = std::function<void()>;
  virtual ~SessionEvents() = default;

  // Each is set once, before `start`.

  /// The machine is about to suspend; it waits until this has returned, for some seconds at most.
  void on_suspend(Call call) { suspend_ = std::move(call); }
  /// The machine runs again, or did not suspend after all. Once for each sleep, also where nobody announced it.
  void on_resume(Call call) { resume_ = std::move(call); }
  /// The screen of a session of this user's is locked, or shall be. More than once for one lock.
  void on_lock(Call call) { lock_ = std::move(call); }
  /// It is unlocked, or shall be. The same.
  void on_unlock(Call call) { unlock_ = std::move(call); }
  /// Called once when nothing more is heard of sleep or locks, with the reason: `unsupported` where the machine has
  /// nobody who would tell, as in a container.
  void on_trouble(std::function<void(const Error&)> call) { trouble_ = std::move(call); }

  /// Begins. Blocks nothing.
  virtual void start() = 0;

 protected:
  void tell_suspend() const { tell(suspend_); }
  void tell_resume() const { tell(resume_); }
  void tell_lock() const { tell(lock_); }
  void tell_unlock() const { tell(unlock_); }
  void tell_trouble(const Error& error) {
    if (const auto call = std::exchange(trouble_, nullptr)) call(error);
  }

 private:
  static void tell(const Call& call) {
    if (call) call();
  }

  Call suspend_;
  Call resume_;
  Call lock_;
  Call unlock_;
  std::function<void(const Error&)> trouble_;
};

/// The operating system's. Linux: logind on the system bus (that of `environment`'s DBUS_SYSTEM_BUS_ADDRESS, else the
/// usual one) tells all of it, and delays a suspend until `on_suspend` has returned; the kernel tells of a resume also
/// without it. macOS: IOKit and the distributed notifications of the login window. `clock` must outlive the
/// io_context's last run.
std::unique_ptr<SessionEvents> system_session_events(asio::any_io_executor executor, Clock& clock,
                                                     const Environment& environment);

}  // namespace jackin
