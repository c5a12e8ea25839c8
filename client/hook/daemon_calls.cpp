#include "client/hook/daemon_calls.hpp"

#include "client/link/connection.hpp"
#include "client/link/status.hpp"
#include "client/view/wire.hpp"
#include "jackin/v1/health.grpc.pb.h"
#include "jackin/v1/launch.grpc.pb.h"

namespace jackin::client {
namespace {

// A store may ask the person before it gives the token: to unlock, to touch a key.
constexpr std::chrono::minutes prepare_limit{3};

class LinkedCalls : public DaemonCalls {
 public:
  explicit LinkedCalls(Connection connection) : connection_(std::move(connection)) {}

  Result<v1::ProbeReply> probe(const Scope& scope) override {
    v1::ProbeRequest request;
    *request.mutable_scope() = to_wire(scope);
    v1::ProbeReply reply;
    grpc::ClientContext context;
    set_deadline(context);
    const auto status = v1::Health::NewStub(connection_.channel())->Probe(&context, request, &reply);
    if (!status.ok()) return failure(error_from_status(status));
    return reply;
  }

  Result<LaunchPlan> prepare(const v1::PrepareRequest& request) override {
    v1::PrepareReply reply;
    grpc::ClientContext context;
    set_deadline(context, prepare_limit);
    const auto status = v1::Launch::NewStub(connection_.channel())->Prepare(&context, request, &reply);
    if (!status.ok()) return failure(error_from_status(status));
    return take_plan(reply);
  }

 private:
  Connection connection_;
};

}  // namespace

Result<std::unique_ptr<DaemonCalls>> connect_daemon(const Environment& environment) {
  TRY(const Paths paths, find_paths(environment));
  TRY(Connection connection, Connection::open(environment, paths, Autostart::yes));
  return std::make_unique<LinkedCalls>(std::move(connection));
}

}  // namespace jackin::client
