// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>

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

}  // namespace jackin::ipc
