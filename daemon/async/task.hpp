// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <asio/cancellation_state.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "common/result.hpp"

namespace jackin {

/// What long work is: a coroutine on the daemon's one io_context. Cancelling it (asio cancellation, terminal) makes the
/// innermost wait of the platform's end early with Reason::cancelled; it never throws for that.
///
/// Asio itself would throw from the next `co_await` after a cancellation. The platform's waits switch that off for the
/// whole chain of coroutines that awaits them; whoever spawns one that may be cancelled before its first wait does the
/// same first: `co_await asio::this_coro::throw_if_cancelled(false);`. A cancellation is remembered: a wait that begins
/// after it ends at once. Work that must not be cut short any more says
/// `co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());`.
///
/// g++ 12 destroys some temporaries of a statement with a `co_await` in it twice (seen): a lambda whose captures need
/// destroying, an aggregate written in braces (`f(Request{…})`, `f({…})`), a class value out of `?:`. Name them in a
/// statement before, and hand them over with `std::move`. A lambda that captures references, `this` or numbers is safe.
template <typename T = void>
using Task = asio::awaitable<Result<T>>;

namespace async {

/// How each wait of the platform's begins: whether the awaiting coroutine has been cancelled already.
inline asio::awaitable<bool> cancelled_already() {
  co_await asio::this_coro::throw_if_cancelled(false);
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace async
}  // namespace jackin
