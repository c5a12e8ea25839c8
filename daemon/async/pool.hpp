// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <asio/thread_pool.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "daemon/async/job.hpp"

namespace jackin::async {

/// A few threads for blocking work (disk, SQLite writes, curl, OS key stores), so that the daemon's own thread never
/// blocks. Thread-safe. Destroy the pool before the objects that its work refers to, and before the io_context whose
/// coroutines await it. The destructor waits for running work.
class Pool {
 public:
  explicit Pool(std::size_t threads = 4) : threads_(threads) {}
  ~Pool() { threads_.join(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Runs `work` on the pool and resumes the awaiting coroutine on its own executor with the result. The result must be
  /// a non-void movable value. The pool thread destroys `work`. Rethrows what `work` throws. Not cancellable: blocking
  /// calls have their own limits, and the next wait reports a cancellation. Name a `work` whose captures need
  /// destruction first (task.hpp): `auto work = […] {…}; co_await pool.run(std::move(work))`.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work>> run(Work work) {
    return run(std::move(work), [] {});
  }

  /// The same for interruptible work. On cancellation `interrupt` is called on the coroutine's thread, and the call
  /// still waits for the work's result. `interrupt` may be called after the work has ended.
  template <typename Work, typename Interrupt>
  asio::awaitable<std::invoke_result_t<Work>> run(Work work, Interrupt interrupt) {
    const auto job = std::make_shared<JobOf<Work>>(std::move(work));
    co_await wait_for(job, std::move(interrupt));
    co_return job->take();
  }

 private:
  /// Returns on the coroutine's executor once `job` has run on the pool.
  asio::awaitable<void> wait_for(std::shared_ptr<Job> job, std::function<void()> interrupt);

  asio::thread_pool threads_;
};

}  // namespace jackin::async
