// SPDX-License-Identifier: Apache-2.0
#include "daemon/async/clock.hpp"

#include <algorithm>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <utility>

#include "daemon/async/alarm.hpp"
#include "daemon/async/task.hpp"

namespace jackin {
namespace {

class SystemClock final : public Clock {
 public:
  explicit SystemClock(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  Moment now() const override { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

  Duration uptime() const override { return async::time_since_boot(); }

  asio::awaitable<bool> wait(Duration duration) override {
    if (co_await async::cancelled_already()) co_return false;
    const Duration when = uptime() + std::max(duration, Duration::zero());
    asio::error_code error;
    auto alarm = async::alarm_at(when);
    if (alarm) {
      asio::posix::stream_descriptor descriptor(executor_, alarm->release());
      // The wait can end before the descriptor is readable: an event of a descriptor that was closed meanwhile can
      // reach the one that took over its state in Asio's reactor (1.22, epoll_reactor).
      do {
        co_await descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                       asio::redirect_error(asio::use_awaitable, error));
      } while (!error && uptime() < when);
    } else {
      // Out of descriptors: a timer that does not count suspend is better than none.
      asio::steady_timer timer(executor_, duration);
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
    co_return !error;
  }

 private:
  asio::any_io_executor executor_;
};

}  // namespace

std::unique_ptr<Clock> system_clock(asio::any_io_executor executor) {
  return std::make_unique<SystemClock>(std::move(executor));
}

}  // namespace jackin
