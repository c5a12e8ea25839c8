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
         a.expires_on == b.expires_on && a.days_left == b.days_left && a.owner == b.owner &&
         a.created_by_jackind == b.created_by_jackind && a.expiry_estimated == b.expiry_estimated;
}

struct Feed::State {
  // A listener that requested the current state receives nothing until its snapshot begins.
  struct Recipient {
    Listener listener;
    Failed failed;
    enum class Stage { waits_for_snapshot, receives_snapshot, receives_changes } stage;
  };

  asio::any_io_executor executor;
  Clock& clock;
  Snapshot snapshot;
  std::list<Recipient> listeners{};
  std::map<Scope, ProbeAnswer> known{};
  bool is_complete = false;                                // `known` holds a complete snapshot
  bool is_wanted = false;                                  // another snapshot is requested
  std::shared_ptr<asio::cancellation_signal> snapshots{};  // null: no snapshot is in progress
  std::shared_ptr<asio::cancellation_signal> midnights{};  // null: no wait is in progress

  void send(const Change& change, Recipient::Stage stage) const {
    // A listener may remove itself or another listener while it is called.
    std::vector<Listener> recipients;
    for (const auto& one : listeners) {
      if (one.stage == stage) recipients.push_back(one.listener);
    }
    for (const auto& listener : recipients) listener(change);
  }

  void move_on(Recipient::Stage from, Recipient::Stage to) {
    for (auto& one : listeners) {
      if (one.stage == from) one.stage = to;
    }
  }

  void compare(ProbeAnswer answer) {
    const auto [at, is_new] = known.try_emplace(answer.scope, answer);
    const bool is_changed = !is_new && !is_same_but_for_its_age(at->second, answer);
    if (!is_new) at->second = answer;
    const HealthEvent event = is_new ? HealthEvent::added : HealthEvent::changed;
    if (is_complete && (is_new || is_changed)) send({event, answer}, Recipient::Stage::receives_changes);
    send({HealthEvent::current, std::move(answer)}, Recipient::Stage::receives_snapshot);
  }

  void drop_all_but(const std::set<Scope>& seen) {
    std::vector<Change> removed;
    for (const auto& [scope, answer] : known) {
      if (!seen.contains(scope)) removed.push_back({HealthEvent::removed, answer});
    }
    for (const auto& change : removed) known.erase(change.answer.scope);
    for (const auto& change : removed) send(change, Recipient::Stage::receives_changes);
  }

  void fail(const Error& error) {
    std::vector<Failed> recipients;
    for (const auto& one : listeners) {
      if (one.stage == Recipient::Stage::receives_snapshot && one.failed) recipients.push_back(one.failed);
    }
    move_on(Recipient::Stage::receives_snapshot, Recipient::Stage::waits_for_snapshot);
    for (const auto& failed : recipients) failed(error);
  }

  // Takes snapshots until no other is requested. `mine` differs from `snapshots` when the last listener was removed
  // meanwhile.
  static asio::awaitable<void> take_snapshots(std::shared_ptr<State> self,
                                              std::shared_ptr<asio::cancellation_signal> mine) {
    co_await asio::this_coro::throw_if_cancelled(false);
    while (self->snapshots == mine && self->is_wanted) {
      self->is_wanted = false;
      self->move_on(Recipient::Stage::waits_for_snapshot, Recipient::Stage::receives_snapshot);
      std::set<Scope> seen;
      const auto each = [&self, &mine, &seen](ProbeAnswer answer) {
        if (self->snapshots != mine) return;
        seen.insert(answer.scope);
        self->compare(std::move(answer));
      };
      const Health::EachAnswer each_answer = each;
      const auto taken = co_await self->snapshot(each_answer);
      if (self->snapshots != mine) co_return;
      if (!taken) {
        self->fail(taken.error());
        continue;
      }
      self->drop_all_but(seen);
      if (self->snapshots != mine) co_return;
      self->is_complete = true;
      self->send({HealthEvent::complete, {}}, Recipient::Stage::receives_snapshot);
      self->move_on(Recipient::Stage::receives_snapshot, Recipient::Stage::receives_changes);
    }
    if (self->snapshots == mine) self->snapshots.reset();
  }

  static void request_snapshot(const std::shared_ptr<State>& self) {
    self->is_wanted = true;
    if (self->snapshots) return;
    self->snapshots = std::make_shared<asio::cancellation_signal>();
    asio::co_spawn(
        self->executor, take_snapshots(self, self->snapshots),
        asio::bind_cancellation_slot(self->snapshots->slot(), [stop = self->snapshots](std::exception_ptr) {}));
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
      request_snapshot(self);
    }
  }

  void end() {
    known.clear();
    is_complete = false;
    is_wanted = false;
    if (const auto running = std::exchange(snapshots, nullptr)) running->emit(asio::cancellation_type::terminal);
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
  const bool wants_snapshot = begin == Begin::with_snapshot;
  const bool is_first = state_->listeners.empty();
  using Stage = State::Recipient::Stage;
  const auto at = state_->listeners.insert(
      state_->listeners.end(),
      {std::move(listener), std::move(failed), wants_snapshot ? Stage::waits_for_snapshot : Stage::receives_changes});
  if (is_first) {
    state_->midnights = std::make_shared<asio::cancellation_signal>();
    asio::co_spawn(
        state_->executor, State::wait_for_midnights(weak, state_->midnights),
        asio::bind_cancellation_slot(state_->midnights->slot(), [stop = state_->midnights](std::exception_ptr) {}));
  }
  if (is_first || wants_snapshot) State::request_snapshot(state_);
  return {nullptr, [weak, at](void*) {
            const auto state = weak.lock();
            if (!state || state->listeners.empty()) return;
            state->listeners.erase(at);
            if (state->listeners.empty()) state->end();
          }};
}

void Feed::poke() {
  if (!state_->listeners.empty()) State::request_snapshot(state_);
}

bool Feed::is_watched() const {
  return !state_->listeners.empty();
}

}  // namespace jackin::health
