// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace jackin::async {

/// Lets a coroutine wait for a condition that other code on the same thread sets. The coroutine checks its condition
/// first and again after each wake-up. There is only one thread, so it misses no wake-up.
class WakeUp {
 public:
  explicit WakeUp(asio::any_io_executor executor) : timer_(std::move(executor)) {
    timer_.expires_at(asio::steady_timer::time_point::max());
  }

  /// Ends with the next `notify()`, or when the coroutine is cancelled.
  asio::awaitable<void> wait() {
    co_await asio::this_coro::throw_if_cancelled(false);
    asio::error_code always_aborted;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, always_aborted));
  }

  /// Wakes all waiting coroutines.
  void notify() { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
};

}  // namespace jackin::async
