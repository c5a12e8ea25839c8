// SPDX-License-Identifier: Apache-2.0
#include "daemon/async/loops.hpp"

#include <algorithm>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>
#include <list>
#include <memory>
#include <utility>

#include "daemon/async/task.hpp"

namespace jackin::async {
namespace {

struct Shared {
  Shared(asio::any_io_executor executor, std::size_t wanted, std::function<asio::awaitable<void>(std::size_t)> given)
      : changed(std::move(executor)), count(wanted), work(std::move(given)) {
    changed.expires_at(asio::steady_timer::time_point::max());
  }

  asio::steady_timer changed;
  std::size_t count;
  std::function<asio::awaitable<void>(std::size_t)> work;
  std::size_t next = 0;
  std::size_t running = 0;
  bool stopped = false;
  std::exception_ptr thrown;
  std::list<asio::cancellation_signal> signals;
};

asio::awaitable<void> work_through(std::shared_ptr<Shared> shared) {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!shared->stopped && shared->next < shared->count) {
    const std::size_t index = shared->next++;
    try {
      co_await shared->work(index);
    } catch (...) {
      if (!shared->thrown) shared->thrown = std::current_exception();
      shared->stopped = true;
    }
  }
}

}  // namespace

asio::awaitable<bool> parallel_for(std::size_t count, std::size_t limit,
                                   std::function<asio::awaitable<void>(std::size_t)> work) {
  const auto executor = co_await asio::this_coro::executor;
  const auto shared = std::make_shared<Shared>(executor, count, std::move(work));
  const bool cancelled_before = co_await cancelled_already();
  if (cancelled_before) co_return false;
  for (std::size_t i = 0; i < std::min(limit, count); ++i) {
    ++shared->running;
    auto& signal = shared->signals.emplace_back();
    asio::co_spawn(executor, work_through(shared),
                   asio::bind_cancellation_slot(signal.slot(), [shared](std::exception_ptr) {
                     --shared->running;
                     shared->changed.cancel();
                   }));
  }
  bool cancelled = false;
  while (shared->running > 0) {
    asio::error_code always_aborted;
    co_await shared->changed.async_wait(asio::redirect_error(asio::use_awaitable, always_aborted));
    const bool now_cancelled = co_await cancelled_already();
    if (cancelled || !now_cancelled) continue;
    cancelled = true;
    shared->stopped = true;
    // Running work is still awaited: it refers to objects that the caller owns.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    for (auto& signal : shared->signals) signal.emit(asio::cancellation_type::terminal);
  }
  if (shared->thrown) std::rethrow_exception(shared->thrown);
  co_return !cancelled;
}

asio::awaitable<bool> Slices::step() {
  const bool is_over = ++steps_ >= most_steps || std::chrono::steady_clock::now() - began_ >= longest_turn;
  if (!is_over) co_return true;
  const bool cancelled = co_await cancelled_already();
  if (cancelled) co_return false;
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
  steps_ = 0;
  began_ = std::chrono::steady_clock::now();
  co_return true;
}

}  // namespace jackin::async
