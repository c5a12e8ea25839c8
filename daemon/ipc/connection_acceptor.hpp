// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/async/clock.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/ipc/activity.hpp"
#include "daemon/ipc/domain.hpp"
#include "daemon/ipc/hangup_watch.hpp"
#include "daemon/ipc/peers.hpp"
#include "daemon/ipc/quota.hpp"
#include "daemon/ipc/server_host.hpp"
#include "daemon/ipc/service_dependencies.hpp"
#include "daemon/ipc/unix_socket.hpp"

namespace jackin::ipc {

/// Accepts clients: checks the peer's user before it reads a byte, and passes to gRPC only connections of this user
/// that have begun an HTTP/2 greeting. Bounds how many connections there are and how long one may be without a call; a
/// client over the limit is told so. Has a gRPC server kept while there are connections. Daemon's thread only.
class ConnectionAcceptor {
 public:
  struct Limits {
    Quota::Limits connections{.in_all = 256, .per_process = 32, .reserved = 16};
    /// Connections over the limit, of which each call is refused; what is over this too is closed without a word.
    Quota::Limits refusals{.in_all = 16, .per_process = 4};
    Quota::Limits watches{.in_all = 64, .per_process = 8};
    Clock::Duration greeting = std::chrono::seconds(2);     ///< From accept until HTTP/2 has been greeted.
    Clock::Duration first_call = std::chrono::seconds(10);  ///< From then until a call begins, and has its request.
    Clock::Duration next_call = std::chrono::seconds(30);   ///< From the end of the last call until another begins.
    Clock::Duration refusal = std::chrono::seconds(2);      ///< The same two on a connection over the limit.
    Clock::Duration cancel_after =
        std::chrono::seconds(5);  ///< From the beginning of `drain` until calls are cancelled.
    ServerHost::Limits host{};
  };

  /// All must outlive the acceptor.
  ConnectionAcceptor(asio::any_io_executor executor, Clock& clock, const Domain& domain, const Limits& limits);
  ConnectionAcceptor(const ConnectionAcceptor&) = delete;
  ConnectionAcceptor& operator=(const ConnectionAcceptor&) = delete;
  /// After `close()` has returned, or once the executor runs nothing any more.
  ~ConnectionAcceptor();

  /// Begins to accept. Errors: io_failed.
  Result<> open(ListeningSocket socket);
  /// Accepts on `socket` instead of the one before; connections stay.
  void listen_on(ListeningSocket socket);
  /// The listening socket; null before `open` and after accepting has stopped.
  const ListeningSocket* socket() const { return socket_ ? &*socket_ : nullptr; }

  /// Cancels what has captured no token yet, and waits at most `limit` until all that has begun before has ended; calls
  /// that do nothing that lasts are given `Limits::patience` to end by themselves. Lets clients in and answers them
  /// meanwhile. To be called once. False when something of it still runs after that.
  asio::awaitable<bool> drain(Clock::Duration limit);

  /// Accepts no more, cancels what can be cancelled, waits for the rest at most `limit`, and ends every connection.
  /// False when something still runs after that.
  asio::awaitable<bool> close(Clock::Duration limit);

  /// `drain` and `close`, also those that come, wait for no call any more.
  void hurry();

  std::size_t connections() const { return connections_.size(); }
  /// Whether there is a gRPC server, with its threads.
  bool serving() const { return host_.server() != nullptr; }
  /// Whether the gRPC library is started.
  bool holds_library() const { return host_.holds_library(); }

 private:
  struct Connection;
  using Connections = std::map<std::uint64_t, std::unique_ptr<Connection>>;

  asio::awaitable<void> accept_all();
  asio::awaitable<void> watch_connections();
  void admit(os::Descriptor descriptor);
  bool take_place(Connection& connection, const ProcessIdentity& process);
  bool drop_silent();
  Error refusal_of(const ProcessIdentity& process, Quota::Full full) const;
  void look_for_greeting(std::uint64_t key);
  void want_server();
  void serve_all();
  void hand_over(Connection& connection, std::uint64_t key);
  void expect_within(Connection& connection, Clock::Duration time);
  void wake_for(Clock::Duration deadline);
  void drop_overdue();
  void stop_accepting();
  void drop(std::uint64_t key);
  asio::awaitable<void> wait_for_answers();

  asio::any_io_executor executor_;
  Clock& clock_;
  Limits limits_;
  Activity activity_;
  Peers peers_;
  Quota places_;
  Quota refusals_;
  ServiceDependencies deps_;
  std::optional<ListeningSocket> socket_;
  std::optional<asio::posix::stream_descriptor> acceptable_;
  std::optional<HangupWatch> hangups_;
  std::uint64_t next_key_ = 0;
  Connections connections_;
  std::optional<Clock::Duration> next_deadline_;
  async::Timeout overdue_;
  WakeUp quiet_;
  ServerHost host_;
};

}  // namespace jackin::ipc
