// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <functional>

namespace jackin::async {

/// Runs `work(i)` for every i below `count`, at most `limit` of them at a time, in their order, and returns when all
/// that were begun have ended. True when all ran; false when the awaiting coroutine was cancelled: then those that ran
/// are cancelled and no other is begun, and the awaiting coroutine counts as not cancelled any more. What a `work`
/// throws is thrown here, when all have ended. On the awaiting coroutine's executor; daemon's thread.
asio::awaitable<bool> parallel_for(std::size_t count, std::size_t limit,
                                   std::function<asio::awaitable<void>(std::size_t)> work);

}  // namespace jackin::async
