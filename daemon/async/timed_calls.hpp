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
/// a mount does not answer, and the system cannot end it. Each call therefore runs on its own thread, and its caller
/// waits for at most `limit`. A call whose caller has left keeps its thread until it returns. Without calls there are
/// no threads.
///
/// Calls that hang delay few others. Calls with one key run one at a time. Of the calls of one group, at most
/// `most_of_group` run at a time. At most `threads` run at a time. A call whose caller has left does not count there,
/// except those over `most_left`.
///
/// Daemon's thread only. `clock` must outlive it. Destroy it before the io_context; the destructor waits for no thread.
class TimedCalls {
 public:
  static constexpr std::chrono::seconds limit{5};

  static constexpr std::size_t most_of_group = 4;
  static constexpr std::size_t most_left = 64;

  /// The name of the group whose calls hang together, such as a mount; empty for none. Must not block.
  using GroupOf = std::function<std::string(const std::string& key)>;
  /// `returned_late`, which may be empty, is called with the key of a call that returns after its limit.
  using ReturnedLate = std::function<void(const std::string& key)>;
  TimedCalls(Clock& clock, std::size_t threads, GroupOf group_of = nullptr, ReturnedLate returned_late = nullptr);
  ~TimedCalls();
  TimedCalls(const TimedCalls&) = delete;
  TimedCalls& operator=(const TimedCalls&) = delete;

  /// Runs `work`, which returns a Result, on another thread and resumes the caller on its own executor. Calls with the
  /// same `key` run one at a time, in the order of the requests. If a call must wait for
  /// calls that hang, it fails when they have run for as long as its own limit; at once if they already have. `work`
  /// must own all that it uses: it may continue after the caller has resumed. Errors in addition to those of `work`:
  /// timed_out ("it does not answer", or with the group's name; the caller adds what did not answer), cancelled,
  /// io_failed (no thread can be created). Rethrows what `work` throws.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work&>> run(std::string key, Work work) {
    return run_job<Work>(std::move(key), std::move(work), {limit});
  }

  /// The same with a limit of its own.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work&>> run(std::string key, Clock::Duration at_most, Work work) {
    return run_job<Work>(std::move(key), std::move(work), {at_most});
  }

  /// The same, but the time of the call counts from its own beginning. It can wait as long again for earlier calls.
  /// Errors in addition: busy when it did not begin in that time although the earlier calls do not hang.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work&>> run_from_its_begin(std::string key, Clock::Duration at_most, Work work) {
    return run_job<Work>(std::move(key), std::move(work), {at_most, true, true});
  }

  /// The same, not cancellable: the next wait of the caller reports a cancellation.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work&>> run_uncancelled(std::string key, Clock::Duration at_most, Work work) {
    return run_job<Work>(std::move(key), std::move(work), {at_most, false});
  }

  /// Whether all threads are in use: a new call would wait.
  bool is_full() const;
  /// Whether the caller of a call with this key has left, and the call has not returned.
  bool hangs(const std::string& key) const;

 private:
  struct State;
  struct Call;
  struct Thread;

  struct Terms {
    Clock::Duration at_most;
    bool is_cancellable = true;
    bool counts_from_begin = false;
  };

  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work&>> run_job(std::string key, Work work, Terms terms) {
    const auto job = std::make_shared<JobOf<Work>>(std::move(work));
    auto ended = co_await finish(std::move(key), job, terms);
    if (!ended) co_return failure(std::move(ended).error());
    co_return job->take();
  }

  /// Returns once `job` has run; an error when it did not run or exceeded the limit.
  Task<> finish(std::string key, std::shared_ptr<Job> job, Terms terms);

  std::shared_ptr<State> state_;
};

}  // namespace jackin::async
