// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Whether a client that finds no daemon starts one.
enum class Autostart { no, yes };

/// A connection to this user's daemon after a successful Hello. Thread-safe like gRPC's channels.
class Connection {
 public:
  /// Connects to the daemon of the state folder. Tries JACKIN_RUNTIME_DIR first, when it is set. Then tries the socket
  /// in the lock file, then the default socket. The listener must run as this user. When there is none, Autostart::yes
  /// starts one, unless JACKIN_NO_AUTOSTART in `environment` is set and not empty. Then calls Hello. When the daemon
  /// ends in between, retries a few times. Blocking, bounded: waits for a daemon with a full queue for
  /// JACKIN_CONNECT_SECONDS of `environment`, 10 by default. Errors: daemon_unreachable, daemon_mismatch,
  /// permission_denied (the socket belongs to another user), those of `start_daemon`.
  static Result<Connection> open(const Environment& environment, const Paths& paths, Autostart autostart);
  /// The same for the folders of `environment` (`find_paths`). Errors: also those of find_paths.
  static Result<Connection> open(const Environment& environment, Autostart autostart);

  /// Connects without Hello and starts no daemon. For calls that must work with a daemon of any version and any
  /// folders, such as Status and Shutdown. `daemon_version` and `daemon_pid` are unknown. Errors: daemon_unreachable,
  /// permission_denied.
  static Result<Connection> reach(const Environment& environment, const Paths& paths);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  /// The daemon's version and pid from its reply to Hello.
  const std::string& daemon_version() const { return daemon_version_; }
  int daemon_pid() const { return daemon_pid_; }

 private:
  Connection() = default;
  grpc::Status greet(const Paths& paths);
  static Result<Connection> connect(const Environment& environment, const Paths& paths, Autostart autostart);
  std::shared_ptr<grpc::Channel> channel_;
  std::uint32_t daemon_protocol_ = 0;
  std::string daemon_version_;
  int daemon_pid_ = 0;
};

/// Opens a connection when one is needed, e.g. again after the user was asked: the daemon closes an idle connection.
using Connect = std::function<Result<Connection>()>;

/// Returns the pid of the state folder's daemon when it runs but no client can find its socket, for example after the
/// socket was removed. Only a signal reaches this daemon. Blocking, bounded.
std::optional<pid_t> unreachable_daemon(const Environment& environment, const Paths& paths);

/// Makes a call that changes nothing, on `connection`. `connect` opens the connection when there is none. When the
/// daemon ends during the call, because another takes its place, the call is repeated on a new connection, a few times.
/// Do not use it for a call that changes something: after a lost connection the caller does not know whether the daemon
/// did it. Blocking; `limit` applies to each attempt. Errors: those of `connect`, and those of the call.
Result<> ask(std::optional<Connection>& connection, const Connect& connect,
             const std::function<grpc::Status(const Connection&, grpc::ClientContext&)>& call,
             std::chrono::milliseconds limit = std::chrono::seconds(30));

/// Sets the deadline of a call that the daemon answers quickly.
void set_deadline(grpc::ClientContext& context, std::chrono::milliseconds from_now = std::chrono::seconds(30));

}  // namespace jackin::client
