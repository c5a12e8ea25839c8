#include "daemon/health/feed.hpp"

#include <asio/post.hpp>
#include <list>
#include <utility>
#include <vector>

namespace jackin::health {
namespace {

// When it was checked, and whether that is fresh, is no change: it would make one of every check.
bool is_same(const ProbeAnswer& a, const ProbeAnswer& b) {
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
  Look look;
  std::list<Listener> listeners{};
  std::map<Scope, ProbeAnswer> known{};
  bool is_posted = false;

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
      } else if (!is_same(was->second, answer)) {
        changes.push_back({Change::Kind::changed, answer});
      }
    }
    for (const auto& [scope, answer] : before) {
      if (!known.contains(scope)) changes.push_back({Change::Kind::removed, answer});
    }
    for (const auto& change : changes) tell(change);
  }
};

Feed::Feed(asio::any_io_executor executor, Look look)
    : state_(std::make_shared<State>(State{std::move(executor), std::move(look)})) {}

Feed::~Feed() {
  state_->listeners.clear();
}

Feed::Handle Feed::watch(Listener listener) {
  if (state_->listeners.empty()) state_->known = state_->now();
  const auto at = state_->listeners.insert(state_->listeners.end(), std::move(listener));
  const std::weak_ptr<State> weak = state_;
  return {nullptr, [weak, at](void*) {
            const auto state = weak.lock();
            if (!state || state->listeners.empty()) return;
            state->listeners.erase(at);
            if (state->listeners.empty()) state->known.clear();
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
