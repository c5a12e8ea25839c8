// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "daemon/async/clock.hpp"
#include "daemon/async/job.hpp"
#include "daemon/async/task.hpp"

namespace jackin::async {

/// Threads for blocking calls on paths that a client or a configuration names. Such a call can hang while the server of
/// a mount does not answer, and the system cannot end it. Each call therefore runs on its own thread, at most `threads`
/// at a time, and its caller waits for at most `limit`. A hanging call keeps its thread and delays only callers with
/// the same key. Without calls there are no threads.
///
/// Daemon's thread only. `clock` must outlive it. Destroy it before the io_context; the destructor waits for no thread.
class TimedCalls {
 public:
  static constexpr std::chrono::seconds limit{5};

  /// `returned_late`, which may be empty, is called with the key of a call that returns after its limit.
  using ReturnedLate = std::function<void(const std::string& key)>;
  TimedCalls(Clock& clock, std::size_t threads, ReturnedLate returned_late = nullptr);
  ~TimedCalls();
  TimedCalls(const TimedCalls&) = delete;
  TimedCalls& operator=(const TimedCalls&) = delete;

  /// Runs `work`, which returns a Result, on another thread and resumes the caller on its own executor. Calls with the
  /// same `key` run one at a time, in the order of the requests. `work` must own all that it uses: it may continue
  /// after the caller has resumed. Errors in addition to those of `work`: timed_out (the caller adds what did not
  /// answer), cancelled, io_failed (no thread can be created). Rethrows what `work` throws.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work&>> run(std::string key, Work work) {
    return run_job<Work>(std::move(key), std::move(work), limit, true);
  }

  /// The same with a limit of its own.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work&>> run(std::string key, Clock::Duration at_most, Work work) {
    return run_job<Work>(std::move(key), std::move(work), at_most, true);
  }

  /// The same, not cancellable: the next wait of the caller reports a cancellation.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work&>> run_uncancelled(std::string key, Clock::Duration at_most, Work work) {
    return run_job<Work>(std::move(key), std::move(work), at_most, false);
  }

  /// Whether all threads are in use: a new call would wait.
  bool is_full() const;
  /// Whether a call with this key has exceeded its limit and has not returned.
  bool hangs(const std::string& key) const;

 private:
  struct State;
  struct Call;
  struct Thread;

  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work&>> run_job(std::string key, Work work, Clock::Duration at_most,
                                                       bool is_cancellable) {
    const auto job = std::make_shared<JobOf<Work>>(std::move(work));
    auto ended = co_await finish(std::move(key), job, at_most, is_cancellable);
    if (!ended) co_return failure(std::move(ended).error());
    co_return job->take();
  }

  /// Returns once `job` has run; an error when it did not run or exceeded the limit.
  Task<> finish(std::string key, std::shared_ptr<Job> job, Clock::Duration at_most, bool is_cancellable);

  std::shared_ptr<State> state_;
};

}  // namespace jackin::async
