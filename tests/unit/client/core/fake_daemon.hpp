// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/error.hpp"
#include "common/version.hpp"
#include "jackin/v1/daemon.grpc.pb.h"
#include "jackin/v1/health.grpc.pb.h"
#include "jackin/v1/launch.grpc.pb.h"
#include "jackin/v1/operations.grpc.pb.h"
#include "jackin/v1/stores.grpc.pb.h"
#include "jackin/v1/tokens.grpc.pb.h"

namespace jackin::client {

/// A status as the daemon sends one.
grpc::Status status_of(const Error& error);

/// A gRPC server on a socket in `folder` that returns the replies that the test sets. It listens as long as it exists.
class FakeDaemon {
 public:
  explicit FakeDaemon(const std::string& folder);
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;
  ~FakeDaemon();

  using TokenStream = grpc::ServerReaderWriter<v1::TokenEvent, v1::TokenInput>;

  // The replies; set them before the calls.
  std::optional<Error> hello_error;
  std::uint32_t hello_major = protocol_major;
  std::optional<Error> probe_error;
  v1::ProbeReply probe;
  v1::OverviewReply overview;
  v1::DetailsReply details;
  std::string workspace_here;  ///< The workspace of every folder; empty: there is none.
  std::vector<v1::DoctorEvent> doctor;
  v1::StatusReply status;
  v1::ListStoresReply stores;
  v1::OpAccountsReply op_accounts;
  v1::OpVaultsReply op_vaults;
  std::function<grpc::Status(grpc::ServerContext&)> op_vaults_answer;  ///< If set, replaces `op_vaults`.
  v1::OpItemsReply op_items;
  v1::OpItemReply op_item;
  std::uint32_t dropped = 0;
  std::function<grpc::Status(grpc::ServerContext&, grpc::ServerWriter<v1::WatchEvent>&)> watch;
  std::function<grpc::Status(grpc::ServerContext&, grpc::ServerWriter<v1::OperationEvent>&)> watch_operations;
  std::function<grpc::Status(const std::string& id)> cancel_operation;
  std::function<grpc::Status(const v1::SetupRequest&, TokenStream&)> setup;
  std::function<grpc::Status(const v1::RotateRequest&, TokenStream&)> rotate;
  std::function<grpc::Status(grpc::ServerContext&, grpc::ServerWriter<v1::RevokeEvent>&)> revoke;

  // The last request of each kind.
  v1::ProbeRequest probe_request;
  v1::DoctorRequest doctor_request;
  v1::OverviewRequest overview_request;
  v1::DetailsRequest details_request;
  v1::FindWorkspaceRequest find_request;
  v1::RevokeRequest revoke_request;
  v1::OpItemsRequest op_items_request;
  v1::OpItemRequest op_item_request;
  v1::WatchRequest watch_request;

 private:
  struct Services;
  std::unique_ptr<Services> services_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace jackin::client
