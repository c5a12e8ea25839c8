// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/event_queue.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace jackin::ipc {
namespace {

bool same_size(const v1::TerminalSize& a, const v1::TerminalSize& b) {
  return a.rows() == b.rows() && a.columns() == b.columns();
}

// The screen of a client that received `earlier` and then `later`. A frame of another size has all its rows.
v1::Frame merged(v1::Frame earlier, v1::Frame later) {
  if (!same_size(earlier.size(), later.size())) return later;
  std::map<std::uint32_t, v1::FrameRow> rows;
  for (auto* frame : {&earlier, &later}) {
    for (auto& row : *frame->mutable_rows()) rows.insert_or_assign(row.row(), std::move(row));
  }
  later.clear_rows();
  for (auto& [number, row] : rows) *later.add_rows() = std::move(row);
  return later;
}

// Merges two events for a client that has received neither; nothing when they cancel each other.
std::optional<v1::HealthEvent> together(v1::HealthEvent earlier, v1::HealthEvent later) {
  const bool was_known = earlier == v1::HEALTH_EVENT_CHANGED || earlier == v1::HEALTH_EVENT_REMOVED;
  if (later == v1::HEALTH_EVENT_REMOVED) return was_known ? std::optional(later) : std::nullopt;
  return was_known ? v1::HEALTH_EVENT_CHANGED : earlier;
}

}  // namespace

bool EventQueue::push(v1::TokenEvent event) {
  const auto kind = event.event_case();
  if (kind == v1::TokenEvent::kFrame || kind == v1::TokenEvent::kAuthorizeUrl) {
    const auto pending = std::find_if(waiting_.begin(), waiting_.end(),
                                      [&](const v1::TokenEvent& waiting) { return waiting.event_case() == kind; });
    if (pending != waiting_.end()) {
      if (kind == v1::TokenEvent::kFrame) {
        *event.mutable_frame() = merged(std::move(*pending->mutable_frame()), std::move(*event.mutable_frame()));
      }
      waiting_.erase(pending);
    }
  }
  if (waiting_.size() >= limit) return false;
  waiting_.push_back(std::move(event));
  return true;
}

v1::TokenEvent EventQueue::pop() {
  v1::TokenEvent next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

bool WatchQueue::push(v1::WatchEvent event) {
  // HEALTH_EVENT_COMPLETE is about no scope.
  if (!event.has_probe()) {
    waiting_.push_back(std::move(event));
    return true;
  }
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
  if (next.has_probe()) of_scope_.erase({next.probe().scope().workspace(), next.probe().scope().role()});
  waiting_.pop_front();
  return next;
}

void WatchQueue::clear() {
  of_scope_.clear();
  waiting_.clear();
}

}  // namespace jackin::ipc
