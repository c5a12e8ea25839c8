#pragma once

#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/dispatch.hpp>
#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <type_traits>
#include <utility>

namespace jackin::platform {

/// The few threads on which blocking work runs (disk, SQLite writes, curl, OS key stores), so that the daemon's own
/// thread never blocks. Thread-safe. Destroy it before what its work refers to; the destructor waits for running work.
class Pool {
 public:
  explicit Pool(std::size_t threads = 4) : threads_(threads) {}
  ~Pool() { threads_.join(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Runs `work` on the pool and resumes the awaiting coroutine on its own executor with the result, which must be a
  /// non-void movable value. Not cancellable: blocking calls bound themselves.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work>> run(Work work) {
    using Value = std::invoke_result_t<Work>;
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome<Value>)>(
        [this](auto handler, Work job) {
          auto executor = asio::get_associated_executor(handler);
          // The coroutine's executor must not run dry while the pool works for it.
          auto keep_alive = asio::prefer(executor, asio::execution::outstanding_work.tracked);
          asio::post(threads_, [handler = std::move(handler), keep_alive = std::move(keep_alive),
                                job = std::move(job)]() mutable {
            Outcome<Value> outcome{job()};
            asio::post(keep_alive, [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
              std::move(handler)(std::move(outcome));
            });
          });
        },
        asio::use_awaitable, std::move(work));
  }

 private:
  // Asio passes completion values through std::tuple; a wrapper keeps tl::expected from being taken for an error code.
  template <typename Value>
  struct Outcome {
    Value value;
    operator Value() && { return std::move(value); }  // NOLINT(google-explicit-constructor)
  };

  asio::thread_pool threads_;
};

}  // namespace jackin::platform
