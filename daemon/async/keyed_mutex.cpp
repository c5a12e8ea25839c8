// SPDX-License-Identifier: Apache-2.0
#include "daemon/async/keyed_mutex.hpp"

#include <algorithm>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/post.hpp>
#include <functional>
#include <list>
#include <map>
#include <utility>

#include "daemon/async/timeout.hpp"

namespace jackin::async {
namespace {

enum class WaitResult { waiting, lock, timed_out, cancelled };

struct Waiter {
  WaitResult outcome = WaitResult::waiting;
  std::function<void()> resume;
  Timeout timeout;
};

}  // namespace

// The map holds a key while a lock on it is held.
struct KeyedMutex::State {
  explicit State(Clock& clock_) : clock(clock_) {}

  Clock& clock;
  std::map<std::string, std::list<std::shared_ptr<Waiter>>, std::less<>> queues;

  static void end(Waiter& waiter, WaitResult outcome) {
    if (waiter.outcome != WaitResult::waiting) return;
    waiter.outcome = outcome;
    waiter.timeout.cancel();
    if (const auto resume = std::exchange(waiter.resume, nullptr)) resume();
  }

  void give_up(const std::string& key, const std::shared_ptr<Waiter>& waiter, WaitResult outcome) {
    if (const auto queue = queues.find(key); queue != queues.end()) queue->second.remove(waiter);
    end(*waiter, outcome);
  }

  void pass_on(const std::string& key) {
    const auto queue = queues.find(key);
    if (queue == queues.end()) return;
    if (queue->second.empty()) {
      queues.erase(queue);
      return;
    }
    const auto next = std::move(queue->second.front());
    queue->second.pop_front();
    end(*next, WaitResult::lock);
  }
};

KeyedMutex::Lock::~Lock() {
  if (const auto state = state_.lock()) state->pass_on(key_);
}

KeyedMutex::KeyedMutex(Clock& clock) : state_(std::make_shared<State>(clock)) {}

KeyedMutex::~KeyedMutex() {
  // Waiting coroutines hold the state, and the state holds them.
  for (auto& [key, queue] : std::exchange(state_->queues, {})) {
    for (const auto& waiter : queue) {
      waiter->timeout.cancel();
      waiter->resume = nullptr;
    }
  }
}

Task<KeyedMutex::Lock> KeyedMutex::take(std::string key, std::chrono::seconds limit) {
  if (co_await async::cancelled_already()) co_return failure(Reason::cancelled, "cancelled");
  const auto state = state_;
  if (!state->queues.contains(key)) {
    state->queues.emplace(key, std::list<std::shared_ptr<Waiter>>());
    co_return Lock(state, std::move(key));
  }
  const auto executor = co_await asio::this_coro::executor;
  const auto waiter = std::make_shared<Waiter>();
  state->queues[key].push_back(waiter);
  const std::weak_ptr<State> weak = state;
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [&](auto handler) {
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
          slot.assign([weak, key, waiter](asio::cancellation_type) {
            if (const auto self = weak.lock()) self->give_up(key, waiter, WaitResult::cancelled);
          });
        }
        // std::function requires a copyable target.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        waiter->resume = [shared, executor] { asio::post(executor, [shared] { std::move (*shared)(); }); };
        waiter->timeout = Timeout(executor, state->clock, limit, [weak, key, waiter] {
          if (const auto self = weak.lock()) self->give_up(key, waiter, WaitResult::timed_out);
        });
      },
      asio::use_awaitable);
  if (waiter->outcome == WaitResult::lock) {
    co_return Lock(state, std::move(key));
  }
  if (waiter->outcome == WaitResult::cancelled) co_return failure(Reason::cancelled, "cancelled");
  co_return failure(Reason::timed_out, "an earlier call did not finish in time");
}

}  // namespace jackin::async
