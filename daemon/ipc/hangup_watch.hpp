// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <vector>

#include "common/result.hpp"

namespace jackin::ipc {

/// Tells which sockets have been hung up, by the peer or by another holder in this process (gRPC reports no end of a
/// connection that it was given as a descriptor, and reads from it itself), and until they are handed over also which
/// have got bytes. Each arrival is told once, whether or not the bytes are read: a client that stops inside its
/// greeting wakes nobody. One queue of the kernel's for all of them: epoll on Linux, kqueue on macOS. Daemon's thread
/// only.
class HangupWatch {
 public:
  /// Errors: io_failed (no descriptor left).
  static Result<HangupWatch> make(const asio::any_io_executor& executor);

  struct Event {
    std::uint64_t key = 0;
    bool is_hung_up = false;  ///< In both directions.
  };

  /// Watches `descriptor`, which stays the caller's, until `remove`; tells of it under `key`. Errors: io_failed.
  Result<> add(int descriptor, std::uint64_t key);
  /// From here on reports only a hang-up; traffic causes no wake-up. Errors: io_failed.
  Result<> ignore_bytes(int descriptor, std::uint64_t key);
  /// Call before the descriptor is closed.
  void remove(int descriptor);

  /// What has happened; waits for the first. One that is hung up is told again until it is removed. Empty when the
  /// watch was stopped.
  asio::awaitable<std::vector<Event>> next();

  /// Ends a `next()` that waits.
  void stop();

 private:
  explicit HangupWatch(asio::posix::stream_descriptor queue) : queue_(std::move(queue)) {}

  std::vector<Event> ready();

  asio::posix::stream_descriptor queue_;
};

}  // namespace jackin::ipc
