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
