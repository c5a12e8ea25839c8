// SPDX-License-Identifier: Apache-2.0
#include <mach/mach_time.h>
#include <sys/event.h>

#include <algorithm>
#include <cerrno>

#include "daemon/async/alarm.hpp"

namespace jackin::async {
namespace {

const mach_timebase_info_data_t& timebase() {
  static const mach_timebase_info_data_t info = [] {
    mach_timebase_info_data_t made{};
    mach_timebase_info(&made);
    return made;
  }();
  return info;
}

}  // namespace

Clock::Duration time_since_boot() {
  const auto ticks = static_cast<unsigned __int128>(mach_continuous_time());
  return Clock::Duration(static_cast<Clock::Duration::rep>(ticks * timebase().numer / timebase().denom));
}

Result<os::Descriptor> alarm_at(Clock::Duration when) {
  // A kqueue is itself readable while an event is pending in it (kqueue(2)).
  os::Descriptor queue(kqueue());
  if (!queue) return failure(error_from_errno("cannot make a timer", errno));
  const auto nanoseconds = static_cast<unsigned __int128>(std::max(when, Clock::Duration(1)).count());
  const auto ticks = static_cast<std::int64_t>(nanoseconds * timebase().denom / timebase().numer);
  struct kevent64_s timer {};
  EV_SET64(&timer, 1, EVFILT_TIMER, EV_ADD | EV_ENABLE | EV_ONESHOT,
           NOTE_MACHTIME | NOTE_MACH_CONTINUOUS_TIME | NOTE_ABSOLUTE | NOTE_CRITICAL, ticks, 0, 0, 0);
  if (kevent64(queue.get(), &timer, 1, nullptr, 0, 0, nullptr) != 0) {
    return failure(error_from_errno("cannot set a timer", errno));
  }
  return queue;
}

}  // namespace jackin::async
