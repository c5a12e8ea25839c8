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

/// A greeted connection to this user's daemon. Thread-safe as gRPC's channels are.
class Connection {
 public:
  /// Connects to the daemon of the state folder, where its lock file says that it listens, else where one listens by
  /// default; JACKIN_RUNTIME_DIR, when it is set, comes first. What listens there must run as this user. Without one,
  /// and with Autostart::yes, starts one, unless JACKIN_NO_AUTOSTART is set to something in `environment`. Then says
  /// Hello. A daemon that goes away meanwhile is looked for again, a few times. Blocking, bounded: a daemon whose queue
  /// is full is waited for JACKIN_CONNECT_SECONDS of `environment`, 10 by default. Errors: daemon_unreachable,
  /// daemon_mismatch, permission_denied (the socket is somebody else's), those of `start_daemon`.
  static Result<Connection> open(const Environment& environment, const Paths& paths, Autostart autostart);

  /// Connects without a greeting and starts no daemon: for what must work with a daemon of any version and with any
  /// folders, as to ask who it is and to end it. Its `daemon_version` and `daemon_pid` are unknown. Errors:
  /// daemon_unreachable, permission_denied.
  static Result<Connection> reach(const Environment& environment, const Paths& paths);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  /// The daemon's version and pid, as it said Hello.
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

/// The daemon of the state folder when it runs but no client can find its socket, for example after it was removed.
/// Only a signal reaches the daemon. Blocking, bounded.
std::optional<pid_t> unreachable_daemon(const Environment& environment, const Paths& paths);

/// Makes a call that changes nothing, on `connection`, which is opened by `connect` when there is none. When the daemon
/// goes away under it, since another takes its place, the call is made again on a new connection, a few times. Never
/// for a call that does something: whether it was done is not known then. Blocking; `limit` is for each try. Errors:
/// those of `connect`, and those of the call.
Result<> ask(std::optional<Connection>& connection, const std::function<Result<Connection>()>& connect,
             const std::function<grpc::Status(const Connection&, grpc::ClientContext&)>& call,
             std::chrono::milliseconds limit = std::chrono::seconds(30));

/// Sets the deadline of a call that must be answered soon.
void set_deadline(grpc::ClientContext& context, std::chrono::milliseconds from_now = std::chrono::seconds(30));

}  // namespace jackin::client
