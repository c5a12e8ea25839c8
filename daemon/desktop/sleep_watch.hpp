// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "common/os/descriptor.hpp"
#include "daemon/async/clock.hpp"

namespace jackin::desktop {

/// How long the machine has slept since it was booted: boot time less monotonic time, which stands still meanwhile.
Clock::Duration time_asleep();

/// A descriptor that becomes readable whenever the wall clock jumps, as it does at every resume, and is silent else: a
/// timerfd that is cancelled on set (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET; Linux calls that on resume). Nothing
/// when the system has none.
os::Descriptor wall_clock_jumps();

/// Notices that the machine has slept, with nobody's help. Daemon's thread only.
class SleepWatch {
 public:
  /// Calls `slept` after each sleep, from the io_context's run, never after its destruction. Whenever `jumps` can be
  /// read, `asleep` is asked whether it has grown.
  SleepWatch(asio::any_io_executor executor, os::Descriptor jumps, std::function<Clock::Duration()> asleep,
             std::function<void()> slept);
  ~SleepWatch();
  SleepWatch(const SleepWatch&) = delete;
  SleepWatch& operator=(const SleepWatch&) = delete;

  /// Whether the machine has slept since this was asked, or answered by `slept`, last.
  bool has_slept();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace jackin::desktop
