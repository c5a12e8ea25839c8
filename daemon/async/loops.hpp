// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>

namespace jackin::async {

/// Runs `work(i)` for every i below `count`, in order, at most `limit` at a time. Returns when all that started have
/// ended. Returns true when all ran. Returns false when the awaiting coroutine was cancelled: running work is
/// cancelled, no other starts, and the awaiting coroutine no longer counts as cancelled. Rethrows what a `work` throws,
/// after all have ended. Runs on the awaiting coroutine's executor; daemon's thread.
asio::awaitable<bool> parallel_for(std::size_t count, std::size_t limit,
                                   std::function<asio::awaitable<void>(std::size_t)> work);

/// Divides a long loop into turns of the event loop. Other posted handlers run between two turns. Daemon's thread.
class Slices {
 public:
  /// A turn ends after this many steps, or after the first step that exceeds this time.
  static constexpr std::size_t most_steps = 16;
  static constexpr std::chrono::microseconds longest_turn{1000};

  /// Call it after each step. If this turn is over, it suspends until the next turn. Returns false if the coroutine was
  /// cancelled; it checks this only at the end of a turn.
  asio::awaitable<bool> step();

 private:
  std::size_t steps_ = 0;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace jackin::async
