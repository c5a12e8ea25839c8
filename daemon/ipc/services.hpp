// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <grpcpp/impl/codegen/service_type.h>

#include "daemon/ipc/service_dependencies.hpp"

// One thin service per service of the protocol. It translates each call, passes it to the daemon's thread, and
// translates the answer back. A service belongs to one gRPC server; `deps` outlives it.
namespace jackin::ipc {

std::unique_ptr<grpc::Service> daemon_service(ServiceDependencies& deps);
std::unique_ptr<grpc::Service> tokens_service(ServiceDependencies& deps);
std::unique_ptr<grpc::Service> health_service(ServiceDependencies& deps);
std::unique_ptr<grpc::Service> launch_service(ServiceDependencies& deps);
std::unique_ptr<grpc::Service> stores_service(ServiceDependencies& deps);

}  // namespace jackin::ipc
