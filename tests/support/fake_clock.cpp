// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_clock.hpp"

#include <algorithm>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/post.hpp>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "daemon/async/task.hpp"

namespace jackin::test {

// Shared with the waits, which may be cancelled after the clock was destroyed.
struct FakeClock::State {
  // Ordered by the time at which a wait ends, then by its start.
  using Key = std::pair<Duration, std::uint64_t>;

  std::atomic<Moment::rep> now{0};
  std::atomic<Duration::rep> uptime{0};
  std::uint64_t begun = 0;
  std::map<Key, std::function<void(bool)>> waits;

  void end(const Key& key, bool passed) {
    const auto found = waits.find(key);
    if (found == waits.end()) return;
    const auto resume = std::move(found->second);
    waits.erase(found);
    resume(passed);
  }
};

FakeClock::FakeClock(Moment now) : state_(std::make_shared<State>()) {
  set_now(now);
  state_->uptime = Duration(std::chrono::hours(1)).count();
}

FakeClock::~FakeClock() {
  // Each pending wait shares the state, and the state holds the wait: this ends the cycle.
  const auto dropped = std::exchange(state_->waits, {});
}

Moment FakeClock::now() const {
  return Moment(std::chrono::seconds(state_->now.load()));
}

Clock::Duration FakeClock::uptime() const {
  return Duration(state_->uptime.load());
}

asio::awaitable<bool> FakeClock::wait(Duration duration) {
  const auto state = state_;
  if (co_await async::cancelled_already()) co_return false;
  auto begin = [state](auto handler, Duration length) {
    const State::Key key{Duration(state->uptime.load()) + std::max(length, Duration::zero()), state->begun++};
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
      slot.assign([weak = std::weak_ptr(state), key](asio::cancellation_type) {
        if (const auto self = weak.lock()) self->end(key, false);
      });
    }
    // std::function requires a copyable target.
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    auto resume = [shared](bool passed) {
      asio::post(asio::get_associated_executor(*shared), [shared, passed] { std::move (*shared)(passed); });
    };
    if (length <= Duration::zero()) {
      resume(true);
    } else {
      state->waits.emplace(key, std::move(resume));
    }
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(std::move(begin),
                                                                                     asio::use_awaitable, duration);
}

void FakeClock::advance(Duration duration) {
  const auto before = std::chrono::floor<std::chrono::seconds>(uptime());
  state_->uptime += duration.count();
  state_->now += (std::chrono::floor<std::chrono::seconds>(uptime()) - before).count();
  while (!state_->waits.empty() && state_->waits.begin()->first.first <= uptime()) {
    state_->end(State::Key(state_->waits.begin()->first), true);
  }
}

void FakeClock::set_now(Moment now) {
  state_->now = now.time_since_epoch().count();
}

std::size_t FakeClock::waiting() const {
  return state_->waits.size();
}

std::optional<Clock::Duration> FakeClock::next_due() const {
  if (state_->waits.empty()) return std::nullopt;
  return state_->waits.begin()->first.first - uptime();
}

}  // namespace jackin::test
