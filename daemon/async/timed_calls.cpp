// SPDX-License-Identifier: Apache-2.0
#include "daemon/async/timed_calls.hpp"

#include <pthread.h>

#include <algorithm>
#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/execution.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <csignal>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "common/untrusted_text.hpp"
#include "daemon/async/timeout.hpp"

namespace jackin::async {
namespace {

enum class Outcome { waiting, done, timed_out, not_begun, cancelled, no_thread };

// The calls use few stack frames; the C library's name services (getgrgid_r) need the most.
constexpr std::size_t stack_size = std::size_t{512} * 1024;

// Whether threads may still post to the io_context.
struct Gate {
  std::mutex mutex;
  bool is_open = true;
};

}  // namespace

struct TimedCalls::Call {
  std::string key;
  std::shared_ptr<Job> job;
  Outcome outcome = Outcome::waiting;
  std::function<void()> resume;
  Timeout timeout;
  std::optional<Clock::Duration> limit_from_begin = {};
  std::optional<std::string> group;  // determined when it is first needed
  Clock::Duration started_at{};      // of a running call

  bool is_left() const { return outcome != Outcome::waiting; }
};

struct TimedCalls::State : std::enable_shared_from_this<State> {
  State(Clock& clock_, std::size_t most_, GroupOf group_of_, ReturnedLate late)
      : clock(clock_), most(most_), group_of(std::move(group_of_)), returned_late(std::move(late)) {}

  using Calls = std::vector<std::shared_ptr<Call>>;

  Clock& clock;
  std::size_t most;
  GroupOf group_of;
  ReturnedLate returned_late;
  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  std::list<std::shared_ptr<Call>> waiting;
  std::map<std::string, std::shared_ptr<Call>, std::less<>> running;  // by key

  static void end(Call& call, Outcome outcome) {
    if (call.is_left()) return;
    call.outcome = outcome;
    call.timeout.cancel();
    if (const auto resume = std::exchange(call.resume, nullptr)) resume();
  }

  void give_up(const std::shared_ptr<Call>& call, Outcome outcome, const asio::any_io_executor& executor) {
    waiting.remove(call);
    end(*call, outcome);
    start_what_can_be(executor);
  }

  Timeout timeout_of(const std::shared_ptr<Call>& call, Clock::Duration after, const asio::any_io_executor& executor) {
    return Timeout(executor, clock, after, [weak = weak_from_this(), call, executor] {
      if (const auto self = weak.lock()) self->give_up(call, self->outcome_of_timeout(*call), executor);
    });
  }

  bool is_running(const Call& call) const {
    const auto found = running.find(call.key);
    return found != running.end() && found->second.get() == &call;
  }

  Outcome outcome_of_timeout(Call& call) const {
    const bool is_late = !call.limit_from_begin || is_running(call) || is_blocked_by_hanging(call);
    return is_late ? Outcome::timed_out : Outcome::not_begun;
  }

  // Whether all calls for which `call` waits hang.
  bool is_blocked_by_hanging(Call& call) const {
    const auto obstacles = obstacles_to(call);
    return !obstacles.empty() &&
           std::all_of(obstacles.begin(), obstacles.end(), [](const auto& other) { return other->is_left(); });
  }

  bool hangs(const std::string& key) const {
    const auto found = running.find(key);
    return found != running.end() && found->second->is_left();
  }

  bool is_full() const {
    const auto left =
        std::count_if(running.begin(), running.end(), [](const auto& one) { return one.second->is_left(); });
    return running.size() - std::min(static_cast<std::size_t>(left), most_left) >= most;
  }

  const std::string& group(Call& call) const {
    if (!call.group) call.group = group_of ? group_of(call.key) : std::string();
    return *call.group;
  }

  // The running calls that delay `call`: the one with the same key, or those of its group.
  Calls obstacles_to(Call& call) const {
    if (const auto same = running.find(call.key); same != running.end()) return {same->second};
    if (running.size() < most_of_group || group(call).empty()) return {};
    Calls of_group;
    for (const auto& [key, other] : running) {
      if (group(*other) == group(call)) of_group.push_back(other);
    }
    return of_group.size() < most_of_group ? Calls() : of_group;
  }

  // For how long all obstacles to `call` have hung.
  Clock::Duration blocked_for(Call& call) const {
    std::optional<Clock::Duration> shortest;
    for (const auto& other : obstacles_to(call)) {
      if (!other->is_left()) return {};
      const auto duration = clock.uptime() - other->started_at;
      shortest = std::min(shortest.value_or(duration), duration);
    }
    return shortest.value_or(Clock::Duration());
  }

  Error late(Call& call) const {
    const auto obstacles = obstacles_to(call);
    if (obstacles.empty() || obstacles.front()->key == call.key) return {Reason::timed_out, "it does not answer", {}};
    const std::string name = printable(group(call));
    return {Reason::timed_out, name + " does not answer", Remedy::try_again("when " + name + " answers again")};
  }

  void start_what_can_be(const asio::any_io_executor& executor) {
    for (auto at = waiting.begin(); at != waiting.end() && !is_full();) {
      const auto call = *at;
      if (!obstacles_to(*call).empty()) {
        ++at;
        continue;
      }
      at = waiting.erase(at);
      if (start(call, executor)) {
        call->started_at = clock.uptime();
        running.emplace(call->key, call);
        if (call->limit_from_begin) call->timeout = timeout_of(call, *call->limit_from_begin, executor);
      } else {
        end(*call, Outcome::no_thread);
      }
    }
  }

  bool start(const std::shared_ptr<Call>& call, const asio::any_io_executor& executor);

  void returned(const std::shared_ptr<Call>& call, const asio::any_io_executor& executor) {
    running.erase(call->key);
    const bool is_late = call->outcome == Outcome::timed_out;
    end(*call, Outcome::done);
    start_what_can_be(executor);
    if (is_late && returned_late) returned_late(call->key);
  }
};

// The state of one thread. It may outlive State and the io_context, and then accesses neither.
struct TimedCalls::Thread {
  std::shared_ptr<Job> job;
  std::shared_ptr<Gate> gate;
  asio::any_io_executor executor;
  std::function<void()> report;

  static void* body(void* given) {
    const std::unique_ptr<Thread> self(static_cast<Thread*>(given));
    self->job->run();
    const std::lock_guard lock(self->gate->mutex);
    if (self->gate->is_open) asio::post(self->executor, std::move(self->report));
    return nullptr;
  }
};

bool TimedCalls::State::start(const std::shared_ptr<Call>& call, const asio::any_io_executor& executor) {
  auto thread = std::make_unique<Thread>();
  thread->job = call->job;
  thread->gate = gate;
  thread->executor = executor;
  thread->report = [weak = weak_from_this(), key = call->key, executor] {
    const auto self = weak.lock();
    if (!self) return;
    if (const auto found = self->running.find(key); found != self->running.end()) {
      self->returned(std::shared_ptr<Call>(found->second), executor);
    }
  };
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, stack_size);
  // Threads that may hang receive no signals.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t id{};
  const bool started = pthread_create(&id, &attributes, &Thread::body, thread.get()) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (started) (void)thread.release();
  return started;
}

TimedCalls::TimedCalls(Clock& clock, std::size_t threads, GroupOf group_of, ReturnedLate returned_late)
    : state_(std::make_shared<State>(clock, threads, std::move(group_of), std::move(returned_late))) {}

bool TimedCalls::is_full() const {
  return state_->is_full();
}

bool TimedCalls::hangs(const std::string& key) const {
  return state_->hangs(key);
}

TimedCalls::~TimedCalls() {
  {
    const std::lock_guard lock(state_->gate->mutex);
    state_->gate->is_open = false;
  }
  // The objects that the function uses may be destroyed while a coroutine still holds the state.
  state_->returned_late = nullptr;
  state_->group_of = nullptr;
  // Waiting coroutines hold the state, and the state holds them.
  auto calls = std::exchange(state_->waiting, {});
  for (const auto& [key, call] : std::exchange(state_->running, {})) calls.push_back(call);
  for (const auto& call : calls) {
    call->timeout.cancel();
    call->resume = nullptr;
  }
}

Task<> TimedCalls::finish(std::string key, std::shared_ptr<Job> job, Terms terms) {
  const bool is_cancelled = co_await cancelled_already();
  if (is_cancelled && terms.is_cancellable) co_return failure(Reason::cancelled, "cancelled");
  const auto state = state_;
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto call = std::make_shared<Call>();
  call->key = std::move(key);
  call->job = std::move(job);
  if (terms.counts_from_begin) call->limit_from_begin = terms.at_most;
  const Clock::Duration at_most = terms.at_most - state->blocked_for(*call);
  if (at_most <= Clock::Duration::zero()) co_return failure(state->late(*call));
  const std::weak_ptr<State> weak = state;
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [&](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        if (terms.is_cancellable && slot.is_connected()) {
          slot.assign([weak, call, executor](asio::cancellation_type) {
            if (const auto self = weak.lock()) self->give_up(call, Outcome::cancelled, executor);
          });
        }
        // The coroutine's executor must not run out of work while a thread runs this call.
        auto keep_alive = asio::prefer(executor, asio::execution::outstanding_work.tracked);
        // std::function requires a copyable target.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        call->resume = [shared, keep_alive = std::move(keep_alive)] {
          asio::post(keep_alive, [shared] { std::move (*shared)(); });
        };
        state->waiting.push_back(call);
        state->start_what_can_be(executor);
        const bool has_timeout = call->limit_from_begin && state->is_running(*call);
        if (!call->is_left() && !has_timeout) call->timeout = state->timeout_of(call, at_most, executor);
      },
      asio::use_awaitable);
  switch (call->outcome) {
    case Outcome::cancelled:
      co_return failure(Reason::cancelled, "cancelled");
    case Outcome::timed_out:
      co_return failure(state->late(*call));
    case Outcome::not_begun:
      co_return failure(Reason::busy, "earlier calls took the whole time");
    case Outcome::no_thread:
      co_return failure(Reason::io_failed, "cannot start a thread", Remedy::try_again("when fewer programs run"));
    case Outcome::waiting:
    case Outcome::done:
      break;
  }
  co_return Result<>();
}

}  // namespace jackin::async
