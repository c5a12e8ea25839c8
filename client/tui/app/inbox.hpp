// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <vector>

#include "client/tui/update/messages.hpp"
#include "common/result.hpp"

namespace jackin::tui {

/// A queue of messages from other threads to the thread that owns the model.
class Inbox {
 public:
  /// Errors: io_failed when no pipe can be created.
  static Result<std::unique_ptr<Inbox>> open();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  ~Inbox();

  /// Any thread. A screen replaces the last message if that is a screen of the same operation.
  void post(Message message);

  /// Readable when there is a message.
  int fd() const noexcept { return wake_[0]; }

  /// Removes and returns the messages so far, in order. Does not block.
  std::vector<Message> take();

 private:
  Inbox() = default;

  std::array<int, 2> wake_{-1, -1};
  std::mutex mutex_;  // guards the messages
  std::vector<Message> messages_;
};

}  // namespace jackin::tui
