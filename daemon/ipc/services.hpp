// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <grpcpp/impl/codegen/service_type.h>

#include "daemon/ipc/service_dependencies.hpp"

// One thin service per service of the protocol: each call is translated, handed to the daemon's thread, and its answer
// translated back. A service belongs to one gRPC server; `parts` outlives it.
namespace jackin::ipc {

std::unique_ptr<grpc::Service> daemon_service(ServiceDependencies& deps);
std::unique_ptr<grpc::Service> tokens_service(ServiceDependencies& deps);
std::unique_ptr<grpc::Service> health_service(ServiceDependencies& deps);
std::unique_ptr<grpc::Service> launch_service(ServiceDependencies& deps);
std::unique_ptr<grpc::Service> stores_service(ServiceDependencies& deps);

}  // namespace jackin::ipc
