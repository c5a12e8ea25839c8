// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <functional>

namespace jackin::async {

/// Runs `work(i)` for every i below `count`, in order, at most `limit` at a time. Returns when all that started have
/// ended. Returns true when all ran. Returns false when the awaiting coroutine was cancelled: running work is
/// cancelled, no other starts, and the awaiting coroutine no longer counts as cancelled. Rethrows what a `work` throws,
/// after all have ended. Runs on the awaiting coroutine's executor; daemon's thread.
asio::awaitable<bool> parallel_for(std::size_t count, std::size_t limit,
                                   std::function<asio::awaitable<void>(std::size_t)> work);

}  // namespace jackin::async
