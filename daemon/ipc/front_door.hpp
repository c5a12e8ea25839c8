#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "daemon/ipc/activity.hpp"
#include "daemon/ipc/domain.hpp"
#include "daemon/ipc/hangup_watch.hpp"
#include "daemon/ipc/peers.hpp"
#include "daemon/ipc/server.hpp"
#include "daemon/ipc/service_parts.hpp"
#include "daemon/ipc/unix_socket.hpp"
#include "daemon/platform/clock.hpp"
#include "daemon/platform/pool.hpp"

namespace jackin::ipc {

/// Lets clients in: accepts, looks who is there before a byte is read, and gives to gRPC only what comes from this
/// user and has begun to speak. Keeps the gRPC server alive exactly as long as there are connections. Daemon's thread
/// only.
class FrontDoor {
 public:
  struct Limits {
    std::size_t connections = 128;
    Clock::Duration greeting = std::chrono::seconds(10);  ///< Until the first byte.
    Server::Limits server;
  };

  /// Everything outlives the door.
  FrontDoor(asio::any_io_executor executor, Clock& clock, platform::Pool& pool, const Domain& domain,
            const Limits& limits);
  FrontDoor(const FrontDoor&) = delete;
  FrontDoor& operator=(const FrontDoor&) = delete;
  /// After `close()` has returned, or once the executor runs nothing any more.
  ~FrontDoor();

  /// Begins to accept. Errors: io_failed.
  Result<> open(ListeningSocket socket);
  /// Accepts on `socket` instead of the one before; connections stay.
  void listen_on(ListeningSocket socket);
  /// What is listened on; null before `open` and once nobody is let in.
  const ListeningSocket* socket() const { return socket_ ? &*socket_ : nullptr; }

  /// Cancels what has captured no token yet, and waits at most `limit` until all that has begun before has ended. Lets
  /// clients in and answers them meanwhile. To be called once. False when something of it still runs after that.
  asio::awaitable<bool> drain(Clock::Duration limit);

  /// Accepts no more, cancels what can be cancelled, waits for the rest at most `limit`, and ends every connection.
  /// False when something still runs after that.
  asio::awaitable<bool> close(Clock::Duration limit);

  /// `drain` and `close`, also those that come, wait for no call any more.
  void hurry();

  std::size_t connections() const { return connections_.size(); }
  /// Whether gRPC and its threads are there.
  bool serving() const { return server_ != nullptr; }

 private:
  struct Connection;
  using Connections = std::map<std::uint64_t, std::unique_ptr<Connection>>;

  asio::awaitable<void> accept_all();
  asio::awaitable<void> watch_hangups();
  void admit(platform::Descriptor descriptor);
  bool make_room();
  void look_for_greeting(std::uint64_t key);
  void hand_over(Connection& connection, std::uint64_t key);
  void stop_accepting();
  void drop(std::uint64_t key);
  void end_server();

  asio::any_io_executor executor_;
  Clock& clock_;
  platform::Pool& pool_;
  Limits limits_;
  Activity activity_;
  Activity endings_;  ///< Servers that are being ended.
  Peers peers_;
  ServiceParts parts_;
  std::optional<ListeningSocket> socket_;
  std::optional<asio::posix::stream_descriptor> acceptable_;
  std::optional<HangupWatch> hangups_;
  std::uint64_t next_key_ = 0;
  Connections connections_;
  std::unique_ptr<Server> server_;
};

}  // namespace jackin::ipc
