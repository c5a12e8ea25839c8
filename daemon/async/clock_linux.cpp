// SPDX-License-Identifier: Apache-2.0
#include <sys/timerfd.h>
#include <time.h>

#include <algorithm>
#include <cerrno>

#include "daemon/async/alarm.hpp"

namespace jackin::async {

Clock::Duration time_since_boot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

Result<os::Descriptor> alarm_at(Clock::Duration when) {
  os::Descriptor timer(timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!timer) return failure(error_from_errno("cannot make a timer", errno));
  // All zero would disarm it (timerfd_settime(2)); an absolute time that is past ends at once.
  const auto expiry = std::max(when, Clock::Duration(1));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(expiry);
  itimerspec setting{};
  setting.it_value.tv_sec = static_cast<time_t>(seconds.count());
  setting.it_value.tv_nsec = static_cast<long>((expiry - seconds).count());
  if (timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &setting, nullptr) != 0) {
    return failure(error_from_errno("cannot set a timer", errno));
  }
  return timer;
}

}  // namespace jackin::async
