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
#include "daemon/async/wake_up.hpp"
#include "daemon/ipc/server.hpp"

namespace jackin::ipc {

/// Keeps a gRPC server and the gRPC library only as long as they are needed, since both wake several times a second.
/// gRPC can take seconds to start or to end, so one separate thread does these steps in sequence. No server is built
/// while another is destroyed or while the library is released. Daemon's thread only.
///
/// A write to a full socket buffer starts gRPC's backup poller, which sleeps up to 10 s. The last grpc_shutdown joins
/// it and meanwhile holds the lock that grpc_init and each new server need (gRPC 1.51, seen in gdb). The library is
/// therefore released only after the poller of the last server has ended by itself.
class ServerHost {
 public:
  struct Limits {
    Server::Limits server;
    std::chrono::milliseconds linger{1000};     ///< From the last connection until the server is destroyed.
    std::chrono::milliseconds library{12'000};  ///< From the end of the last server until the library is released.
  };

  /// Calls `ready` when a wanted server exists. `deps` outlives the host.
  ServerHost(asio::any_io_executor executor, Clock& clock, ServiceDependencies& deps, const Limits& limits,
             std::function<void()> ready);
  ServerHost(const ServerHost&) = delete;
  ServerHost& operator=(const ServerHost&) = delete;
  /// Destroy it after `end()` has returned true, or once the executor runs no more work.
  ~ServerHost();

  /// Starts the host. Call once.
  void start();

  /// Sets whether a server is wanted.
  void want(bool wanted);

  /// The server, if there is one that is not being destroyed.
  Server* server() const { return server_.get(); }
  bool holds_library() const { return holds_library_; }

  /// Destroys the server and builds no other. Keeps the library, since the process is about to end. False when the
  /// server has not ended within `limit`.
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
  /// Each change ends its waits. Uses the monotonic clock, as gRPC's poller does: it stops while the machine sleeps.
  asio::steady_timer timer_;
  async::WakeUp ended_;
  async::Pool worker_{1};
};

}  // namespace jackin::ipc
