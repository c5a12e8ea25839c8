// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/impl/codegen/service_type.h>

#include <asio/any_io_executor.hpp>
#include <memory>

#include "daemon/async/clock.hpp"
#include "daemon/ipc/activity.hpp"
#include "daemon/ipc/peers.hpp"
#include "daemon/ipc/quota.hpp"
#include "daemon/ipc/service_interfaces.hpp"

namespace jackin::ipc {

/// The dependencies of every service. The ConnectionAcceptor owns them and outlives every call. gRPC's threads use only
/// `executor`, to move a call to the daemon's thread.
struct ServiceDependencies {
  asio::any_io_executor executor;
  ServiceInterfaces services;
  Clock& clock;
  Peers& peers;
  Activity& activity;
  Quota watches;                        ///< Streams of changes.
  Clock::Duration first_message_limit;  ///< For a call whose request is a stream.
};

// One thin service per service of the protocol. It translates each call, passes it to the daemon's thread, and
// translates the answer back. A service belongs to one gRPC server; `deps` outlives it.
std::unique_ptr<grpc::Service> daemon_service(ServiceDependencies& deps);
std::unique_ptr<grpc::Service> tokens_service(ServiceDependencies& deps);
std::unique_ptr<grpc::Service> health_service(ServiceDependencies& deps);
std::unique_ptr<grpc::Service> launch_service(ServiceDependencies& deps);
std::unique_ptr<grpc::Service> stores_service(ServiceDependencies& deps);
std::unique_ptr<grpc::Service> operations_service(ServiceDependencies& deps);

}  // namespace jackin::ipc
