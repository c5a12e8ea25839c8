// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/server.h>

#include <chrono>
#include <memory>
#include <vector>

#include "common/os/descriptor.hpp"
#include "daemon/ipc/services.hpp"

namespace jackin::ipc {

/// A gRPC server without a port of its own: the acceptor passes connections to it. Its threads wake several times a
/// second (gRPC 1.51), so it exists only while there are connections.
class Server {
 public:
  struct Limits {
    int message_bytes = 256 * 1024;
    int calls_per_connection = 32;
    std::chrono::milliseconds answers{1000};  ///< At its end, for answers that are being sent.
  };

  /// `deps` outlives it. Ends the program when gRPC cannot start, which happens only without memory or threads.
  Server(ServiceDependencies& deps, const Limits& limits);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Lets pending answers arrive, ends running calls, and waits until every call is released. Not on one of gRPC's
  /// threads, and not on the daemon's thread, which releases calls.
  ~Server();

  /// Serves a connection. The caller has checked that the peer is this user's.
  void serve(os::Descriptor connection);

 private:
  std::chrono::milliseconds answers_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace jackin::ipc
