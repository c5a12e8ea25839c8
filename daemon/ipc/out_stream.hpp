// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/status.h>

#include <deque>
#include <optional>
#include <utility>

#include "daemon/ipc/valid_text.hpp"

namespace jackin::ipc {

/// An unbounded queue of events, for streams whose length the client cannot influence.
template <typename Event>
class UnboundedQueue {
 public:
  bool push(Event event) {
    waiting_.push_back(std::move(event));
    return true;
  }
  Event pop() {
    Event next = std::move(waiting_.front());
    waiting_.pop_front();
    return next;
  }
  bool empty() const { return waiting_.empty(); }
  void clear() { waiting_.clear(); }

 private:
  std::deque<Event> waiting_;
};

/// The writing side of a stream. Events wait in `Queue` until gRPC has taken the one before; the status comes last. One
/// write at a time and nothing after the finish, as gRPC's reactors require. The owner reports each completed write.
/// Daemon's thread only.
template <typename Reactor, typename Event, typename Queue>
class OutStream {
 public:
  explicit OutStream(Reactor& reactor) : reactor_(reactor) {}

  /// False when the client does not read and the queue is full.
  bool send(Event event) {
    if (closing_ || finished_) return true;
    make_text_valid(event);
    if (!queue_.push(std::move(event))) return false;
    go_on();
    return true;
  }

  /// Ends the stream after all sent events are written.
  void finish(grpc::Status status) {
    if (closing_ || finished_) return;
    closing_ = std::move(status);
    go_on();
  }

  /// Ends the stream now, and drops the waiting events.
  void abandon(grpc::Status status) {
    if (finished_) return;
    queue_.clear();
    closing_ = std::move(status);
    go_on();
  }

  void written(bool ok) {
    writing_ = false;
    if (!ok) queue_.clear();
    go_on();
  }

  bool finished() const { return finished_; }

 private:
  void go_on() {
    if (writing_ || finished_) return;
    if (!queue_.empty()) {
      current_ = queue_.pop();
      writing_ = true;
      reactor_.StartWrite(&current_);
    } else if (closing_) {
      finished_ = true;
      reactor_.Finish(*std::exchange(closing_, std::nullopt));
    }
  }

  Reactor& reactor_;
  Queue queue_;
  Event current_;
  bool writing_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> closing_;
};

}  // namespace jackin::ipc
