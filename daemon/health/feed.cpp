#include "daemon/health/feed.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <exception>
#include <list>
#include <utility>
#include <vector>

namespace jackin::health {
namespace {

// When it was checked, and whether that is fresh, is no change: it would make one of every check.
bool is_same_but_for_its_age(const ProbeAnswer& a, const ProbeAnswer& b) {
  return a.decision == b.decision && a.verdict == b.verdict && a.mode == b.mode && a.source == b.source &&
         a.summary == b.summary && a.remedy == b.remedy && a.fingerprint == b.fingerprint &&
         a.expires_on == b.expires_on && a.days_left == b.days_left;
}

}  // namespace

std::string_view to_text(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::added:
      return "added";
    case Change::Kind::changed:
      return "changed";
    case Change::Kind::removed:
      return "removed";
  }
  return "changed";
}

struct Feed::State {
  asio::any_io_executor executor;
  Clock& clock;
  Look look;
  std::list<Listener> listeners{};
  std::map<Scope, ProbeAnswer> known{};
  bool is_posted = false;
  std::shared_ptr<asio::cancellation_signal> midnights{};  // null: nobody waits for any

  std::map<Scope, ProbeAnswer> now() const {
    auto answers = look();
    if (!answers) return known;
    std::map<Scope, ProbeAnswer> all;
    for (auto& answer : *answers) {
      Scope scope = answer.scope;
      all.emplace(std::move(scope), std::move(answer));
    }
    return all;
  }

  void tell(const Change& change) const {
    // A listener may end its watching, or another's, while it is told.
    const auto told = listeners;
    for (const auto& listener : told) listener(change);
  }

  void compare() {
    is_posted = false;
    if (listeners.empty()) return;
    const auto before = std::exchange(known, now());
    std::vector<Change> changes;
    for (const auto& [scope, answer] : known) {
      const auto was = before.find(scope);
      if (was == before.end()) {
        changes.push_back({Change::Kind::added, answer});
      } else if (!is_same_but_for_its_age(was->second, answer)) {
        changes.push_back({Change::Kind::changed, answer});
      }
    }
    for (const auto& [scope, answer] : before) {
      if (!known.contains(scope)) changes.push_back({Change::Kind::removed, answer});
    }
    for (const auto& change : changes) tell(change);
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
      self->compare();
    }
  }

  void begin() {
    known = now();
    midnights = std::make_shared<asio::cancellation_signal>();
  }

  void end() {
    known.clear();
    if (const auto running = std::exchange(midnights, nullptr)) running->emit(asio::cancellation_type::terminal);
  }
};

Feed::Feed(asio::any_io_executor executor, Clock& clock, Look look)
    : state_(std::make_shared<State>(State{std::move(executor), clock, std::move(look)})) {}

Feed::~Feed() {
  state_->listeners.clear();
  state_->end();
}

Feed::Handle Feed::watch(Listener listener) {
  const std::weak_ptr<State> weak = state_;
  if (state_->listeners.empty()) {
    state_->begin();
    asio::co_spawn(
        state_->executor, State::wait_for_midnights(weak, state_->midnights),
        asio::bind_cancellation_slot(state_->midnights->slot(), [stop = state_->midnights](std::exception_ptr) {}));
  }
  const auto at = state_->listeners.insert(state_->listeners.end(), std::move(listener));
  return {nullptr, [weak, at](void*) {
            const auto state = weak.lock();
            if (!state || state->listeners.empty()) return;
            state->listeners.erase(at);
            if (state->listeners.empty()) state->end();
          }};
}

void Feed::poke() {
  if (state_->listeners.empty() || std::exchange(state_->is_posted, true)) return;
  asio::post(state_->executor, [weak = std::weak_ptr<State>(state_)] {
    if (const auto state = weak.lock()) state->compare();
  });
}

bool Feed::is_watched() const {
  return !state_->listeners.empty();
}

}  // namespace jackin::health
