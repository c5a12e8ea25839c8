#pragma once

#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/execution.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/this_coro.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace jackin::platform {

/// The few threads on which blocking work runs (disk, SQLite writes, curl, OS key stores), so that the daemon's own
/// thread never blocks. Thread-safe. Destroy it before what its work refers to, and before the io_context whose
/// coroutines await it; the destructor waits for running work.
class Pool {
 public:
  explicit Pool(std::size_t threads = 4) : threads_(threads) {}
  ~Pool() { threads_.join(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Runs `work` on the pool and resumes the awaiting coroutine on its own executor with the result, which must be a
  /// non-void movable value; `work` itself is destroyed on the pool. What `work` throws is thrown here. Not
  /// cancellable: blocking calls bound themselves, and a cancellation meanwhile is seen by the next wait. A `work` with
  /// captures that need destroying is named first (task.hpp): `auto work = […] {…}; co_await
  /// pool.run(std::move(work))`.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work>> run(Work work) {
    return run(std::move(work), [] {});
  }

  /// The same for work that can be told to end early: when the coroutine is cancelled meanwhile, `interrupt` is called,
  /// on the coroutine's thread, and what the work then comes to is waited for. It may be called after the work's end.
  template <typename Work, typename Interrupt>
  asio::awaitable<std::invoke_result_t<Work>> run(Work work, Interrupt interrupt) {
    using Value = std::invoke_result_t<Work>;
    // From here on a cancellation is an error that the next wait returns, no exception out of the next co_await.
    co_await asio::this_coro::throw_if_cancelled(false);
    Outcome<Value> outcome = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome<Value>)>(
        [this](auto handler, Work job, Interrupt tell) {
          auto executor = asio::get_associated_executor(handler);
          if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
            slot.assign([tell = std::move(tell)](asio::cancellation_type) { tell(); });
          }
          // The coroutine's executor must not run dry while the pool works for it.
          auto keep_alive = asio::prefer(executor, asio::execution::outstanding_work.tracked);
          asio::post(threads_, [handler = std::move(handler), keep_alive = std::move(keep_alive),
                                job = std::move(job)]() mutable {
            Outcome<Value> result = outcome_of<Value>(std::move(job));
            asio::post(keep_alive, [handler = std::move(handler), result = std::move(result)]() mutable {
              asio::get_associated_cancellation_slot(handler).clear();
              std::move(handler)(std::move(result));
            });
          });
        },
        asio::use_awaitable, std::move(work), std::move(interrupt));
    if (outcome.thrown) std::rethrow_exception(outcome.thrown);
    co_return std::move(*outcome.value);
  }

 private:
  // One type for both ends of the work. Asio takes a lone error_code or exception_ptr for a failure; a type of its own
  // keeps every Value, tl::expected among them, from being taken for anything.
  template <typename Value>
  struct Outcome {
    std::optional<Value> value;
    std::exception_ptr thrown;
  };

  template <typename Value, typename Work>
  static Outcome<Value> outcome_of(Work work) {
    Outcome<Value> outcome;
    try {
      outcome.value.emplace(work());
    } catch (...) {
      outcome.thrown = std::current_exception();
    }
    return outcome;
  }

  asio::thread_pool threads_;
};

}  // namespace jackin::platform
