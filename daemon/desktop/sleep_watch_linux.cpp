// SPDX-License-Identifier: Apache-2.0
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <limits>
#include <utility>

#include "daemon/desktop/sleep_watch.hpp"

namespace jackin::desktop {
namespace {

Clock::Duration read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// The two clocks are not read at the same instant.
constexpr auto shortest_sleep = std::chrono::milliseconds(500);

}  // namespace

Clock::Duration time_asleep() {
  return read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_MONOTONIC);
}

os::Descriptor wall_clock_jumps() {
  os::Descriptor timer(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC));
  itimerspec never{};
  never.it_value.tv_sec = std::numeric_limits<time_t>::max();
  if (timer && timerfd_settime(timer.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr) != 0) {
    timer.close();
  }
  return timer;
}

// Shared with the pending wait.
struct SleepWatch::State : std::enable_shared_from_this<SleepWatch::State> {
  State(asio::any_io_executor executor, std::function<Clock::Duration()> time)
      : jumps(std::move(executor)), asleep(std::move(time)), seen(asleep()) {}

  void wait() {
    jumps.async_wait(asio::posix::stream_descriptor::wait_read, [self = shared_from_this()](const auto& error) {
      if (error || !self->slept) return;
      // Reading the timerfd returns ECANCELED and clears its readiness.
      std::uint64_t count = 0;
      static_cast<void>(!::read(self->jumps.native_handle(), &count, sizeof count));
      self->wait();
      const auto report = self->slept;
      if (self->has_slept()) report();
    });
  }

  bool has_slept() {
    const auto now = asleep();
    if (now - seen < shortest_sleep) return false;
    seen = now;
    return true;
  }

  asio::posix::stream_descriptor jumps;
  std::function<Clock::Duration()> asleep;
  std::function<void()> slept;
  Clock::Duration seen;
};

SleepWatch::SleepWatch(asio::any_io_executor executor, os::Descriptor jumps, std::function<Clock::Duration()> asleep,
                       std::function<void()> slept)
    : state_(std::make_shared<State>(std::move(executor), std::move(asleep))) {
  state_->slept = std::move(slept);
  if (!jumps) return;
  asio::error_code error;
  state_->jumps.assign(jumps.get(), error);
  if (error) return;
  jumps.release();
  state_->wait();
}

SleepWatch::~SleepWatch() {
  state_->slept = nullptr;
  asio::error_code ignored;
  state_->jumps.close(ignored);  // NOLINT(bugprone-unused-return-value): nothing can be done about it
}

bool SleepWatch::has_slept() {
  return state_->has_slept();
}

}  // namespace jackin::desktop
