// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/server.hpp"

#include <grpc/grpc.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>

#include <chrono>
#include <stdexcept>

#include "daemon/ipc/services.hpp"

namespace jackin::ipc {

Server::Server(ServiceDependencies& deps, const Limits& limits) : answers_(limits.answers) {
  services_.push_back(daemon_service(deps));
  services_.push_back(tokens_service(deps));
  services_.push_back(health_service(deps));
  services_.push_back(launch_service(deps));
  services_.push_back(stores_service(deps));
  services_.push_back(operations_service(deps));
  grpc::ServerBuilder builder;
  for (const auto& service : services_) builder.RegisterService(service.get());
  builder.SetMaxReceiveMessageSize(limits.message_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.calls_per_connection);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
  // No message is compressed, so that no part of a token stays in a compressor's window.
  for (const auto algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
    builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
  }
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) throw std::runtime_error("gRPC does not start");
}

Server::~Server() {
  // Calls that still run then are cancelled.
  server_->Shutdown(std::chrono::system_clock::now() + answers_);
}

void Server::serve(os::Descriptor connection) {
  grpc::AddInsecureChannelFromFd(server_.get(), connection.release());
}

}  // namespace jackin::ipc
