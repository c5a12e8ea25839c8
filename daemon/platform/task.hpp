#pragma once

#include <asio/awaitable.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "common/result.hpp"

namespace jackin {

/// What long work is: a coroutine on the daemon's one io_context. Cancelling it (asio cancellation, terminal) makes the
/// innermost wait of the platform's end early with Reason::cancelled; it never throws for that.
template <typename T = void>
using Task = asio::awaitable<Result<T>>;

}  // namespace jackin
