// SPDX-License-Identifier: Apache-2.0
#include "client/hook/daemon_calls.hpp"

#include "client/rpc/connection.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/rpc/status.hpp"
#include "common/os/find_paths.hpp"
#include "jackin/v1/health.grpc.pb.h"
#include "jackin/v1/launch.grpc.pb.h"

namespace jackin::client {
namespace {

// A store may ask the user before it returns the token, for example to unlock it or to touch a key.
constexpr std::chrono::minutes prepare_limit{3};

class LinkedCalls : public DaemonCalls {
 public:
  LinkedCalls(const Environment& environment, Paths paths) : environment_(environment), paths_(std::move(paths)) {}

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
          return v1::Health::NewStub(connection.channel())->Probe(&context, request, &reply);
        }));
    return reply;
  }

  Result<LaunchPlan> prepare(const v1::PrepareRequest& request) override {
    v1::PrepareReply reply;
    grpc::ClientContext context;
    set_deadline(context, prepare_limit);
    // The call is not repeated: a token that was handed out is recorded.
    const auto status = v1::Launch::NewStub(connection_->channel())->Prepare(&context, request, &reply);
    if (!status.ok()) return failure(error_from_status(status));
    return take_plan(reply);
  }

 private:
  Result<Connection> connect() const { return Connection::open(environment_, paths_, Autostart::yes); }

  const Environment& environment_;
  Paths paths_;
  std::optional<Connection> connection_;
};

}  // namespace

Result<std::unique_ptr<DaemonCalls>> connect_daemon(const Environment& environment) {
  TRY(Paths paths, find_paths(environment));
  auto calls = std::make_unique<LinkedCalls>(environment, std::move(paths));
  TRY(calls->open());
  return calls;
}

}  // namespace jackin::client
