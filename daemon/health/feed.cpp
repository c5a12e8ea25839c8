// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/feed.hpp"

#include <algorithm>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/this_coro.hpp>
#include <exception>
#include <list>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace jackin::health {

bool is_same_but_for_its_age(const ProbeAnswer& a, const ProbeAnswer& b) {
  return a.decision == b.decision && a.verdict == b.verdict && a.mode == b.mode && a.source == b.source &&
         a.summary == b.summary && a.remedy == b.remedy && a.fingerprint == b.fingerprint &&
         a.expires_on == b.expires_on && a.days_left == b.days_left;
}

struct Feed::State {
  // A listener that requested the current state receives nothing until its snapshot begins.
  struct Told {
    Listener listener;
    Failed failed;
    enum class Stage { waits_for_picture, is_given_picture, hears_changes } stage;
  };

  asio::any_io_executor executor;
  Clock& clock;
  Snapshot snapshot;
  std::list<Told> listeners{};
  std::map<Scope, ProbeAnswer> known{};
  bool has_looked = false;                                 // `known` holds a complete snapshot
  bool is_wanted = false;                                  // another snapshot is requested
  std::shared_ptr<asio::cancellation_signal> looks{};      // null: no snapshot is in progress
  std::shared_ptr<asio::cancellation_signal> midnights{};  // null: no wait is in progress

  void tell(const Change& change, Told::Stage stage) const {
    // A listener may remove itself or another listener while it is called.
    std::vector<Listener> told;
    for (const auto& one : listeners) {
      if (one.stage == stage) told.push_back(one.listener);
    }
    for (const auto& listener : told) listener(change);
  }

  void move_on(Told::Stage from, Told::Stage to) {
    for (auto& one : listeners) {
      if (one.stage == from) one.stage = to;
    }
  }

  void compare(ProbeAnswer answer) {
    const auto [at, is_new] = known.try_emplace(answer.scope, answer);
    const bool is_changed = !is_new && !is_same_but_for_its_age(at->second, answer);
    if (!is_new) at->second = answer;
    const HealthEvent event = is_new ? HealthEvent::added : HealthEvent::changed;
    if (has_looked && (is_new || is_changed)) tell({event, answer}, Told::Stage::hears_changes);
    tell({HealthEvent::current, std::move(answer)}, Told::Stage::is_given_picture);
  }

  void drop_all_but(const std::set<Scope>& seen) {
    std::vector<Change> removed;
    for (const auto& [scope, answer] : known) {
      if (!seen.contains(scope)) removed.push_back({HealthEvent::removed, answer});
    }
    for (const auto& change : removed) known.erase(change.answer.scope);
    for (const auto& change : removed) tell(change, Told::Stage::hears_changes);
  }

  void fail(const Error& error) {
    std::vector<Failed> told;
    for (const auto& one : listeners) {
      if (one.stage == Told::Stage::is_given_picture && one.failed) told.push_back(one.failed);
    }
    move_on(Told::Stage::is_given_picture, Told::Stage::waits_for_picture);
    for (const auto& failed : told) failed(error);
  }

  // Takes snapshots until no other is requested. `mine` differs from `looks` when the last listener was removed
  // meanwhile.
  static asio::awaitable<void> look_around(std::shared_ptr<State> self,
                                           std::shared_ptr<asio::cancellation_signal> mine) {
    co_await asio::this_coro::throw_if_cancelled(false);
    while (self->looks == mine && self->is_wanted) {
      self->is_wanted = false;
      self->move_on(Told::Stage::waits_for_picture, Told::Stage::is_given_picture);
      std::set<Scope> seen;
      const auto each = [&self, &mine, &seen](ProbeAnswer answer) {
        if (self->looks != mine) return;
        seen.insert(answer.scope);
        self->compare(std::move(answer));
      };
      const Health::EachAnswer tell_each = each;
      const auto looked = co_await self->snapshot(tell_each);
      if (self->looks != mine) co_return;
      if (!looked) {
        self->fail(looked.error());
        continue;
      }
      self->drop_all_but(seen);
      if (self->looks != mine) co_return;
      self->has_looked = true;
      self->move_on(Told::Stage::is_given_picture, Told::Stage::hears_changes);
    }
    if (self->looks == mine) self->looks.reset();
  }

  static void want_look(const std::shared_ptr<State>& self) {
    self->is_wanted = true;
    if (self->looks) return;
    self->looks = std::make_shared<asio::cancellation_signal>();
    asio::co_spawn(self->executor, look_around(self, self->looks),
                   asio::bind_cancellation_slot(self->looks->slot(), [stop = self->looks](std::exception_ptr) {}));
  }

  Clock::Duration until_midnight() const {
    const Moment now = clock.now();
    return date_of(now) + std::chrono::days(1) - now;
  }

  // Days are counted between UTC dates.
  static asio::awaitable<void> wait_for_midnights(std::weak_ptr<State> weak,
                                                  std::shared_ptr<asio::cancellation_signal> mine) {
    co_await asio::this_coro::throw_if_cancelled(false);
    for (;;) {
      auto self = weak.lock();
      if (!self || self->midnights != mine) co_return;
      Clock& clock = self->clock;
      const auto duration = self->until_midnight();
      self.reset();
      const bool waited = co_await clock.wait(duration);
      self = weak.lock();
      if (!waited || !self || self->midnights != mine) co_return;
      want_look(self);
    }
  }

  void end() {
    known.clear();
    has_looked = false;
    is_wanted = false;
    if (const auto running = std::exchange(looks, nullptr)) running->emit(asio::cancellation_type::terminal);
    if (const auto running = std::exchange(midnights, nullptr)) running->emit(asio::cancellation_type::terminal);
  }
};

Feed::Feed(asio::any_io_executor executor, Clock& clock, Snapshot snapshot)
    : state_(std::make_shared<State>(State{std::move(executor), clock, std::move(snapshot)})) {}

Feed::~Feed() {
  state_->listeners.clear();
  state_->end();
}

Feed::Handle Feed::watch(Listener listener, Begin begin, Failed failed) {
  const std::weak_ptr<State> weak = state_;
  const bool wants_picture = begin == Begin::with_picture;
  const bool is_first = state_->listeners.empty();
  using Stage = State::Told::Stage;
  const auto at = state_->listeners.insert(
      state_->listeners.end(),
      {std::move(listener), std::move(failed), wants_picture ? Stage::waits_for_picture : Stage::hears_changes});
  if (is_first) {
    state_->midnights = std::make_shared<asio::cancellation_signal>();
    asio::co_spawn(
        state_->executor, State::wait_for_midnights(weak, state_->midnights),
        asio::bind_cancellation_slot(state_->midnights->slot(), [stop = state_->midnights](std::exception_ptr) {}));
  }
  if (is_first || wants_picture) State::want_look(state_);
  return {nullptr, [weak, at](void*) {
            const auto state = weak.lock();
            if (!state || state->listeners.empty()) return;
            state->listeners.erase(at);
            if (state->listeners.empty()) state->end();
          }};
}

void Feed::poke() {
  if (!state_->listeners.empty()) State::want_look(state_);
}

bool Feed::is_watched() const {
  return !state_->listeners.empty();
}

}  // namespace jackin::health
