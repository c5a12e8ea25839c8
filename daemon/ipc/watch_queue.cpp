// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/watch_queue.hpp"

#include <optional>

namespace jackin::ipc {
namespace {

// Merges two events for a client that has received neither; nothing when they cancel each other.
std::optional<v1::HealthEvent> together(v1::HealthEvent earlier, v1::HealthEvent later) {
  const bool was_known = earlier == v1::HEALTH_EVENT_CHANGED || earlier == v1::HEALTH_EVENT_REMOVED;
  if (later == v1::HEALTH_EVENT_REMOVED) return was_known ? std::optional(later) : std::nullopt;
  return was_known ? v1::HEALTH_EVENT_CHANGED : earlier;
}

}  // namespace

bool WatchQueue::push(v1::WatchEvent event) {
  const auto& scope = event.probe().scope();
  const auto [known, is_first] = of_scope_.try_emplace({scope.workspace(), scope.role()}, waiting_.end());
  if (is_first) {
    known->second = waiting_.insert(waiting_.end(), std::move(event));
    return true;
  }
  if (const auto merged = together(known->second->event(), event.event())) {
    event.set_event(*merged);
    *known->second = std::move(event);
  } else {
    waiting_.erase(known->second);
    of_scope_.erase(known);
  }
  return true;
}

v1::WatchEvent WatchQueue::pop() {
  v1::WatchEvent next = std::move(waiting_.front());
  of_scope_.erase({next.probe().scope().workspace(), next.probe().scope().role()});
  waiting_.pop_front();
  return next;
}

void WatchQueue::clear() {
  of_scope_.clear();
  waiting_.clear();
}

}  // namespace jackin::ipc
