// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/rpc/call_status.hpp"
#include "client/rpc/daemon_socket.hpp"
#include "client/rpc/default_scope.hpp"
#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// A connection to this user's daemon after a successful Hello. Thread-safe like gRPC's channels.
class Connection {
 public:
  /// Connects to the daemon (`connect_to_daemon`) and calls Hello. When the daemon ends in between, retries a few
  /// times. Blocking, bounded. Errors: daemon_mismatch, those of connect_to_daemon, those of the call.
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
  CallEnd greet(const Paths& paths);
  static Result<Connection> connect(const Environment& environment, const Paths& paths, Autostart autostart);
  std::shared_ptr<grpc::Channel> channel_;
  std::string daemon_version_;
  int daemon_pid_ = 0;
};

/// Opens a connection when one is needed, e.g. again after the user was asked: the daemon closes an idle connection.
using Connect = std::function<Result<Connection>()>;

/// Makes a call that changes nothing, on `connection`. `connect` opens the connection when there is none. When the
/// daemon ends during the call, because another takes its place, the call is repeated on a new connection
/// (`repeat_lost`). Do not use it for a call that changes something: after a lost connection the caller does not know
/// whether the daemon did it. Blocking; `limit` applies to each attempt. Errors: those of `connect`, and those of the
/// call.
Result<> ask(std::optional<Connection>& connection, const Connect& connect,
             const std::function<grpc::Status(const Connection&, grpc::ClientContext&)>& call,
             std::chrono::milliseconds limit = std::chrono::seconds(30));

/// `FindWorkspace` on a connection. Repeated when the daemon is replaced (`ask`). Errors: those of the call.
Result<std::optional<Scope>> find_workspace(std::optional<Connection>& connection, const Connect& connect,
                                            const std::string& folder);

/// Sets the deadline of a call that the daemon answers quickly.
void set_deadline(grpc::ClientContext& context, std::chrono::milliseconds from_now = std::chrono::seconds(30));

}  // namespace jackin::client
