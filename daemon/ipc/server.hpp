// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/server.h>

#include <chrono>
#include <memory>
#include <vector>

#include "common/os/descriptor.hpp"
#include "daemon/ipc/service_dependencies.hpp"

namespace jackin::ipc {

/// A gRPC server without a port of its own: connections are given to it. It has threads that wake several times a
/// second (gRPC 1.51), so it exists only while there are connections.
class Server {
 public:
  struct Limits {
    int message_bytes = 256 * 1024;
    int calls_per_connection = 32;
    std::chrono::milliseconds answers{1000};  ///< At its end, for answers that are on their way.
  };

  /// `parts` outlives it. Ends the program when gRPC cannot start, which it only cannot without memory or threads.
  Server(ServiceDependencies& deps, const Limits& limits);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Lets answers that are on their way arrive, ends what still runs, and waits until every call has let go. Not on one
  /// of gRPC's threads, and not on the daemon's, on which calls let go.
  ~Server();

  /// Serves a connection whose other end has been found to be this user's.
  void serve(os::Descriptor connection);

 private:
  std::chrono::milliseconds answers_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace jackin::ipc
