// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "daemon/async/clock.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/ipc/server.hpp"
#include "daemon/ipc/wake_up.hpp"

namespace jackin::ipc {

/// Keeps a gRPC server and the gRPC library as long as they are wanted, and no longer, since both wake several times a
/// second. gRPC can take seconds to start or to end, so one thread of the keeper's own does each of these steps, one
/// after the other: no server is built while another is destroyed or while the library is released. Daemon's thread
/// only.
///
/// A write that meets a full socket buffer starts gRPC's backup poller, which sleeps up to 10 s; the last grpc_shutdown
/// joins it and meanwhile holds the lock that grpc_init and each new server need (gRPC 1.51, seen in gdb). So the
/// library is released only when the poller of the last server has ended by itself.
class ServerHost {
 public:
  struct Limits {
    Server::Limits server;
    std::chrono::milliseconds linger{1000};     ///< From the last connection until the server is destroyed.
    std::chrono::milliseconds library{12'000};  ///< From the end of the last server until the library is released.
  };

  /// `ready` is called when a server that is wanted is there. `parts` outlives the keeper.
  ServerHost(asio::any_io_executor executor, Clock& clock, ServiceDependencies& deps, const Limits& limits,
             std::function<void()> ready);
  ServerHost(const ServerHost&) = delete;
  ServerHost& operator=(const ServerHost&) = delete;
  /// After `end()` has returned true, or once the executor runs nothing any more.
  ~ServerHost();

  /// Begins to keep. To be called once.
  void start();

  /// Whether a server is wanted from here on.
  void want(bool wanted);

  /// The server, when there is one that is not being destroyed.
  Server* server() const { return server_.get(); }
  bool holds_library() const { return holds_library_; }

  /// Destroys the server; no other is built. The library stays: the process is about to end. False when the server has
  /// not ended within `limit`.
  asio::awaitable<bool> end(Clock::Duration limit);

 private:
  asio::awaitable<void> keep();
  asio::awaitable<void> build();
  asio::awaitable<void> destroy();
  asio::awaitable<void> release_library();
  asio::awaitable<bool> is_unwanted_for(std::chrono::milliseconds time);

  asio::any_io_executor executor_;
  Clock& clock_;
  ServiceDependencies& deps_;
  Limits limits_;
  std::function<void()> ready_;
  bool started_ = false;
  bool wanted_ = false;
  bool ending_ = false;
  bool holds_library_ = false;
  std::unique_ptr<Server> server_;
  /// Its waits end with each change. Of the monotonic clock, by which gRPC's poller sleeps: both stand still while the
  /// machine sleeps.
  asio::steady_timer timer_;
  WakeUp ended_;
  async::Pool worker_{1};
};

}  // namespace jackin::ipc
