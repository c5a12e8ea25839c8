// SPDX-License-Identifier: Apache-2.0
#include "client/cli/launch_calls.hpp"

#include <optional>

#include "client/rpc/connection.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/rpc/status.hpp"
#include "jackin/v1/health.grpc.pb.h"
#include "jackin/v1/launch.grpc.pb.h"

namespace jackin::client {
namespace {

class GrpcCalls : public DaemonCalls {
 public:
  explicit GrpcCalls(const Environment& environment) : environment_(environment) {}

  Result<> open() {
    TRY(connection_, connect());
    return {};
  }

  Result<v1::ProbeReply> probe(const Scope& scope) override {
    v1::ProbeRequest request;
    *request.mutable_scope() = to_proto(scope);
    v1::ProbeReply reply;
    TRY(ask(
        connection_, [this] { return connect(); },
        [&](const Connection& connection, grpc::ClientContext& context) {
          return v1::HealthService::NewStub(connection.channel())->Probe(&context, request, &reply);
        }));
    return reply;
  }

  Result<std::optional<Scope>> find_workspace(const std::string& folder) override {
    return client::find_workspace(
        connection_, [this] { return connect(); }, folder);
  }

  Result<LaunchPlan> prepare(const v1::PrepareRequest& request) override {
    v1::PrepareReply reply;
    grpc::ClientContext context;
    set_deadline(context, prepare_limit);
    const auto status = v1::LaunchService::NewStub(connection_->channel())->Prepare(&context, request, &reply);
    if (!status.ok()) return failure(error_from_status(status));
    return take_plan(reply);
  }

 private:
  Result<Connection> connect() const { return Connection::open(environment_, Autostart::yes); }

  const Environment& environment_;
  std::optional<Connection> connection_;
};

}  // namespace

Result<std::unique_ptr<DaemonCalls>> connect_over_grpc(const Environment& environment) {
  auto calls = std::make_unique<GrpcCalls>(environment);
  TRY(calls->open());
  return calls;
}

}  // namespace jackin::client
