// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>

#include "jackin/v1/tokens.pb.h"

namespace jackin::ipc {

/// Events of a setup that wait until the client has taken the one before. However slow the client, what waits is
/// bounded: at most one frame, into which later ones are merged (it then holds the newest of every row and stands
/// last), at most one authorize URL, and `limit` others. A value.
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
