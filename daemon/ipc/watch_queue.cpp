// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/watch_queue.hpp"

#include <optional>
#include <string_view>

namespace jackin::ipc {
namespace {

constexpr std::string_view added = "added";
constexpr std::string_view changed = "changed";
constexpr std::string_view removed = "removed";

// Merges two events for a client that has received neither; nothing when they cancel each other.
std::optional<std::string> together(std::string_view earlier, std::string_view later) {
  const bool was_known = earlier == changed || earlier == removed;
  if (later == removed) return was_known ? std::optional<std::string>(removed) : std::nullopt;
  return std::string(was_known ? changed : earlier);
}

}  // namespace

bool WatchQueue::push(v1::WatchEvent event) {
  const auto& scope = event.probe().scope();
  const auto [known, is_first] = of_scope_.try_emplace({scope.workspace(), scope.role()}, waiting_.end());
  if (is_first) {
    known->second = waiting_.insert(waiting_.end(), std::move(event));
    return true;
  }
  if (auto name = together(known->second->event(), event.event())) {
    event.set_event(*std::move(name));
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
