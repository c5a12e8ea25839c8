// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <asio/cancellation_state.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "common/result.hpp"

namespace jackin {

/// Long work: a coroutine on the daemon's one io_context. Cancelling it (asio cancellation, terminal) makes the
/// innermost wait of the daemon end early with Reason::cancelled; it never throws for that.
///
/// Asio itself would throw from the next `co_await` after a cancellation. The daemon's waits disable that for the whole
/// chain of coroutines that awaits them. Code that spawns a coroutine which may be cancelled before its first wait must
/// disable it first: `co_await asio::this_coro::throw_if_cancelled(false);`. A cancellation is remembered: a later wait
/// ends at once. Work that must not be interrupted from some point on uses
/// `co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());`.
///
/// g++ 12 destroys some temporaries twice in a statement that contains a `co_await` (seen): a lambda whose captures
/// need destruction, an aggregate in braces (`f(Request{…})`, `f({…})`), a class value from `?:`. Name them in an
/// earlier statement and pass them with `std::move`. A lambda that captures references, `this` or numbers is safe.
template <typename T = void>
using Task = asio::awaitable<Result<T>>;

namespace async {

/// Each wait of the daemon calls this first: whether the awaiting coroutine has been cancelled already.
inline asio::awaitable<bool> cancelled_already() {
  co_await asio::this_coro::throw_if_cancelled(false);
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace async
}  // namespace jackin
