// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/async/timeout.hpp"

namespace jackin::async {

/// Runs `task` on the caller's executor and waits for it for at most `limit`. Returns nothing when it takes longer. The
/// task then continues, so the objects that it refers to must outlive the io_context's last run. A cancellation of the
/// caller does not shorten the wait. `task` returns a Result. Rethrows what it throws.
template <typename Value>
asio::awaitable<std::optional<Value>> within(Clock& clock, Clock::Duration limit, asio::awaitable<Value> task) {
  struct Wait {
    explicit Wait(const asio::any_io_executor& executor) : over(executor, asio::steady_timer::time_point::max()) {}
    asio::steady_timer over;  // never expires; cancelled at the end
    std::optional<Value> value;
    std::exception_ptr thrown;
  };
  co_await asio::this_coro::throw_if_cancelled(false);
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto wait = std::make_shared<Wait>(executor);
  asio::co_spawn(executor, std::move(task), [wait](std::exception_ptr thrown, Value value) {
    wait->thrown = std::move(thrown);
    wait->value = std::move(value);
    wait->over.cancel();
  });
  bool is_late = false;
  const Timeout timeout(executor, clock, limit, [&is_late, wait] {
    is_late = true;
    wait->over.cancel();
  });
  while (!wait->value && !is_late) {
    asio::error_code always_aborted;
    co_await wait->over.async_wait(asio::redirect_error(asio::use_awaitable, always_aborted));
  }
  if (wait->thrown) std::rethrow_exception(wait->thrown);
  co_return std::move(wait->value);
}

}  // namespace jackin::async
