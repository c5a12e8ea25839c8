// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "common/os/descriptor.hpp"
#include "daemon/async/clock.hpp"

namespace jackin::desktop {

/// How long the machine has slept since boot: boot time minus monotonic time, which stops during suspend.
Clock::Duration time_asleep();

/// Returns a descriptor that becomes readable only when the wall clock jumps, as it does at every resume. It is a
/// timerfd that is cancelled on set (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET; Linux cancels it on resume). Returns
/// nothing when the system has none.
os::Descriptor wall_clock_jumps();

/// Detects that the machine has slept, without logind. Daemon's thread only.
class SleepWatch {
 public:
  /// Calls `slept` after each sleep, from the io_context's run, never after its destruction. Checks whether `asleep`
  /// has grown whenever `jumps` is readable.
  SleepWatch(asio::any_io_executor executor, os::Descriptor jumps, std::function<Clock::Duration()> asleep,
             std::function<void()> slept);
  ~SleepWatch();
  SleepWatch(const SleepWatch&) = delete;
  SleepWatch& operator=(const SleepWatch&) = delete;

  /// Whether the machine has slept since the last call of this function or of `slept`.
  bool has_slept();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace jackin::desktop
