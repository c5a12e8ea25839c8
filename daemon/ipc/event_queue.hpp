// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <string>
#include <utility>

#include "jackin/v1/health.pb.h"
#include "jackin/v1/tokens.pb.h"

namespace jackin::ipc {

/// Events of a setup that wait until the client has read the one before. The queue is bounded, even for a slow client.
/// It holds at most one frame, at most one authorize URL, and `limit` other events. Later frames are merged into the
/// waiting one, which then holds the newest content of every row and moves to the end. A value.
class EventQueue {
 public:
  static constexpr std::size_t limit = 256;

  /// False when the limit is reached: the client does not read.
  bool push(v1::TokenEvent event);
  v1::TokenEvent pop();
  bool empty() const { return waiting_.empty(); }
  void clear() { waiting_.clear(); }
  std::size_t size() const { return waiting_.size(); }

 private:
  std::deque<v1::TokenEvent> waiting_;
};

/// Changes that wait until the client has read the one before. The queue holds at most one event per scope, even for a
/// slow client. Changes to a scope meanwhile are merged into one event, or into none if the scope was added and removed
/// again. A value.
class WatchQueue {
 public:
  /// Always true: the queue holds one event for each scope.
  bool push(v1::WatchEvent event);
  v1::WatchEvent pop();
  bool empty() const { return waiting_.empty(); }
  void clear();
  std::size_t size() const { return waiting_.size(); }

 private:
  using Key = std::pair<std::string, std::string>;  // workspace and role
  std::list<v1::WatchEvent> waiting_;
  std::map<Key, std::list<v1::WatchEvent>::iterator> of_scope_;
};

}  // namespace jackin::ipc
