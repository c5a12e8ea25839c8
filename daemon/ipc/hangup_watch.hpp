// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <vector>

#include "common/result.hpp"

namespace jackin::ipc {

/// Reports sockets that were hung up, by the peer or by another holder in this process. gRPC does not report the end of
/// a connection that it received as a descriptor, and it reads from the descriptor itself. Until a socket is handed
/// over, also reports the arrival of bytes. Each arrival is reported once, whether or not the bytes are read, so a
/// client that stops inside its greeting causes no more wake-ups. Uses one kernel queue for all sockets: epoll on
/// Linux, kqueue on macOS. Daemon's thread only.
class HangupWatch {
 public:
  /// Errors: io_failed (no descriptor left).
  static Result<HangupWatch> make(const asio::any_io_executor& executor);

  struct Event {
    std::uint64_t key = 0;
    bool is_hung_up = false;  ///< In both directions.
  };

  /// Watches `descriptor` until `remove` and reports its events with `key`. The caller still owns the descriptor.
  /// Errors: io_failed.
  Result<> add(int descriptor, std::uint64_t key);
  /// From here on reports only a hang-up; traffic causes no wake-up. Errors: io_failed.
  Result<> ignore_bytes(int descriptor, std::uint64_t key);
  /// Call before the descriptor is closed.
  void remove(int descriptor);

  /// Waits for events and returns them. A hung-up socket is reported again until it is removed. Empty when the watch
  /// was stopped.
  asio::awaitable<std::vector<Event>> next();

  /// Ends a `next()` that waits.
  void stop();

 private:
  explicit HangupWatch(asio::posix::stream_descriptor queue) : queue_(std::move(queue)) {}

  std::vector<Event> ready();

  asio::posix::stream_descriptor queue_;
};

}  // namespace jackin::ipc
