// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <type_traits>
#include <utility>

#include "daemon/async/clock.hpp"
#include "daemon/async/keyed_mutex.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/task.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/secrets/interrupt.hpp"

namespace jackin::secrets {

/// The time limit of a call to the operating system's store, and the calls that may run at the same time.
enum class CallLimit {
  brief,       ///< A short check, for which another request waits.
  unattended,  ///< The system cannot prompt a user.
  attended,    ///< The system may prompt a user.
};

/// Threads for the operating system's store. Its calls block, for minutes when the system prompts a user. One attended
/// call runs at a time, since a user answers one prompt at a time. One call of the other kinds runs beside it, so that
/// a prompt blocks no other call. Daemon's thread only. Destroy it before the io_context; the destructor interrupts the
/// running work and waits for its end.
class OsCalls {
 public:
  static constexpr std::chrono::seconds brief_limit{5};
  static constexpr std::chrono::seconds unattended_limit{30};
  static constexpr std::chrono::seconds attended_limit{300};

  /// `clock` must outlive it.
  explicit OsCalls(Clock& clock) : clock_(clock), mutex_(clock) {}
  ~OsCalls() {
    for (const auto& interrupt : running_) interrupt->set(Reason::cancelled);
  }
  OsCalls(const OsCalls&) = delete;
  OsCalls& operator=(const OsCalls&) = delete;

  /// Waits for its turn, at most as long as the call itself may take. Then runs `work(interrupt)`, which returns a
  /// Result, and waits for its end. When the time limit passes, or the coroutine is cancelled, the work is interrupted;
  /// its failure is then timed_out or cancelled. Objects that `work` refers to must exist until the Task has ended.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work&, Interrupt&>> run(CallLimit limit, Work work) {
    const bool is_attended = limit == CallLimit::attended;
    // Waits here and not in the pool's own queue, since a queued call cannot be cancelled.
    auto lock = co_await mutex_.take(is_attended ? "attended" : "quiet", limit_of(limit));
    if (!lock && lock.error().reason == Reason::cancelled) co_return failure(Reason::cancelled, "cancelled");
    if (!lock) {
      co_return failure(Reason::timed_out,
                        is_attended ? "another of its prompts is still open" : "it is busy with an earlier call",
                        Remedy::try_again(is_attended ? "when that prompt is answered" : ""));
    }
    const auto executor = co_await asio::this_coro::executor;
    const auto interrupt = std::make_shared<Interrupt>();
    running_.insert(interrupt);
    async::Timeout timeout(executor, clock_, limit_of(limit), [interrupt] { interrupt->set(Reason::timed_out); });
    auto job = [interrupt, work = std::move(work)]() mutable { return work(*interrupt); };
    auto cancel = [interrupt] { interrupt->set(Reason::cancelled); };
    auto& pool = is_attended ? asking_ : quiet_;
    auto result = co_await pool.run(std::move(job), std::move(cancel));
    timeout.cancel();
    running_.erase(interrupt);
    const auto reason = interrupt->reason();
    if (result || !reason) co_return result;
    if (*reason == Reason::cancelled) co_return failure(Reason::cancelled, "cancelled");
    co_return failure(*reason, is_attended ? "no answer within 5 minutes" : "it gave no answer in time",
                      Remedy::try_again());
  }

 private:
  static constexpr std::chrono::seconds limit_of(CallLimit limit) {
    switch (limit) {
      case CallLimit::brief:
        return brief_limit;
      case CallLimit::unattended:
        return unattended_limit;
      case CallLimit::attended:
        return attended_limit;
    }
    return brief_limit;
  }

  Clock& clock_;
  async::KeyedMutex mutex_;
  std::set<std::shared_ptr<Interrupt>> running_;
  async::Pool asking_{1};
  async::Pool quiet_{1};
};

}  // namespace jackin::secrets
