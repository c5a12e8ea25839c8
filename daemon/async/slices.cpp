// SPDX-License-Identifier: Apache-2.0
#include "daemon/async/slices.hpp"

#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "daemon/async/task.hpp"

namespace jackin::async {

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
