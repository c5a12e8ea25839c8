#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace jackin::client {

struct ConnectOptions {
  PathOptions folders;  ///< What the command line says about them.
  bool autostart =
      true;  ///< Start the daemon when none runs; JACKIN_NO_AUTOSTART in the environment forbids it anyway.
  std::chrono::seconds limit{10};  ///< For the daemon's greeting.
};

/// A greeted daemon at the other end of a socket. Make stubs from `channel()`. Movable; calls on the channel from any
/// thread. The connection does not come back by itself: after daemon_unreachable from a call, open another.
class Connection {
 public:
  /// Finds the daemon that keeps the folders of `environment` and `options`, starts it if there is none and that is
  /// wanted, makes sure that it runs as this user, and greets it. Removes GRPC_* from this process's environment (gRPC
  /// prints what it handles when they say so); call it while there is one thread.
  /// Errors: daemon_unreachable (none runs; or it could not be started, with its own words), daemon_mismatch (another
  /// protocol or other folders, with what mends it), permission_denied (the socket is another user's),
  /// invalid_argument (folders), timed_out.
  static Result<Connection> open(const Environment& environment, const ConnectOptions& options = {});

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const Paths& paths() const { return paths_; }
  int daemon_pid() const { return daemon_pid_; }
  const std::string& daemon_version() const { return daemon_version_; }

 private:
  Connection(std::shared_ptr<grpc::Channel> channel, Paths paths);
  Result<> greet(std::chrono::seconds limit);

  std::shared_ptr<grpc::Channel> channel_;
  Paths paths_;
  int daemon_pid_ = 0;
  std::string daemon_version_;
};

/// Gives a call a time limit; without one a daemon that hangs would hang its client.
void limit_call(grpc::ClientContext& call, std::chrono::seconds limit);

}  // namespace jackin::client
