// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/async/clock.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/ipc/activity.hpp"
#include "daemon/ipc/hangup_watch.hpp"
#include "daemon/ipc/peers.hpp"
#include "daemon/ipc/quota.hpp"
#include "daemon/ipc/server_host.hpp"
#include "daemon/ipc/service_interfaces.hpp"
#include "daemon/ipc/services.hpp"
#include "daemon/ipc/unix_socket.hpp"

namespace jackin::ipc {

/// The connection preface of HTTP/2 and the header of the SETTINGS frame that follows it (RFC 9113, 3.4 and 4.1).
constexpr std::size_t greeting_size = 24 + 9;

enum class Greeting { incomplete, http2, foreign };

/// Classifies the first bytes of a connection, at most `greeting_size` of them.
Greeting judge_greeting(std::string_view first);

/// Accepts clients. Checks the peer's user before it reads a byte, and passes to gRPC only connections of this user
/// that have begun an HTTP/2 greeting. Limits the number of connections and the time that one may be without a call. A
/// client over the limit gets an error. Requests a gRPC server while there are connections. Daemon's thread only.
class ConnectionAcceptor {
 public:
  struct Limits {
    Quota::Limits connections{.in_all = 256, .per_process = 32, .reserved = 16};
    /// Connections over the limit. Each call on them is refused. Connections over this second limit are closed without
    /// an answer.
    Quota::Limits refusals{.in_all = 16, .per_process = 4};
    Quota::Limits watches{.in_all = 64, .per_process = 8};
    Clock::Duration greeting = std::chrono::seconds(2);     ///< From accept until HTTP/2 has been greeted.
    Clock::Duration first_call = std::chrono::seconds(10);  ///< From then until a call begins, and has its request.
    Clock::Duration next_call = std::chrono::seconds(30);   ///< From the end of the last call until another begins.
    Clock::Duration refusal = std::chrono::seconds(2);      ///< The last two limits, for a connection over the limit.
    Clock::Duration cancel_after =
        std::chrono::seconds(5);  ///< From the beginning of `drain` until calls are cancelled.
    Clock::Duration cancel_last_after =
        std::chrono::seconds(1);  ///< The same for `close`. A probe waits for its source for less than a second.
    ServerHost::Limits host{};
  };

  /// All must outlive the acceptor.
  ConnectionAcceptor(asio::any_io_executor executor, Clock& clock, const ServiceInterfaces& services,
                     const Limits& limits);
  ConnectionAcceptor(const ConnectionAcceptor&) = delete;
  ConnectionAcceptor& operator=(const ConnectionAcceptor&) = delete;
  /// Destroy it after `close()` has returned, or once the executor runs no more work.
  ~ConnectionAcceptor();

  /// Begins to accept. Errors: io_failed.
  Result<> open(ListeningSocket socket);
  /// Accepts on `socket` instead of the previous one; existing connections stay.
  void listen_on(ListeningSocket socket);
  /// The listening socket; null before `open` and after accepting has stopped.
  const ListeningSocket* socket() const { return socket_ ? &*socket_ : nullptr; }

  /// Cancels operations without a captured token, and waits at most `limit` for all work that began before. Calls
  /// without a lasting effect get time (`Limits::cancel_after`) to end by themselves. Still accepts clients and answers
  /// them. Call once. False when some of that work still runs afterwards.
  asio::awaitable<bool> drain(Clock::Duration limit);

  /// Stops accepting and cancels the operations. Calls can end by themselves for `Limits::cancel_last_after`; then it
  /// cancels them. Waits at most `limit` for the rest, and ends every connection. False when work still runs
  /// afterwards.
  asio::awaitable<bool> close(Clock::Duration limit);

  /// `drain` and `close`, also later calls of them, no longer wait for any work.
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
  void check_greeting(std::uint64_t key);
  void want_server();
  void serve_all();
  void hand_over(Connection& connection, std::uint64_t key);
  void expect_within(Connection& connection, Clock::Duration time);
  void wake_for(Clock::Duration deadline);
  void drop_overdue();
  void stop_accepting();
  void drop(std::uint64_t key);
  void drop_if_quiet(std::uint64_t key);
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
  async::WakeUp all_dropped_;
  bool is_closing_ = false;  // A connection is dropped when its last call has ended.
  ServerHost host_;
};

}  // namespace jackin::ipc
