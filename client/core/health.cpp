// SPDX-License-Identifier: Apache-2.0
#include "client/core/health.hpp"

#include <algorithm>
#include <utility>

#include "client/core/event_stream.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/rpc/status.hpp"
#include "jackin/v1/health.grpc.pb.h"

namespace jackin::client {
namespace {

bool has_error(const google::protobuf::RepeatedPtrField<v1::Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const v1::Finding& finding) { return finding.severity() == v1::SEVERITY_ERROR; });
}

}  // namespace

Result<v1::ProbeReply> probe(const Connect& connect, const v1::ProbeRequest& request) {
  std::optional<Connection> connection;
  v1::ProbeReply reply;
  TRY(ask(connection, connect, [&](const Connection& to, grpc::ClientContext& context) {
    return v1::HealthService::NewStub(to.channel())->Probe(&context, request, &reply);
  }));
  return reply;
}

Result<v1::OverviewReply> overview(const Connect& connect, const v1::OverviewRequest& request) {
  std::optional<Connection> connection;
  v1::OverviewReply reply;
  TRY(ask(connection, connect, [&](const Connection& to, grpc::ClientContext& context) {
    return v1::HealthService::NewStub(to.channel())->Overview(&context, request, &reply);
  }));
  return reply;
}

Result<v1::OverviewReply> overview_of(const Connection& connection) {
  v1::OverviewReply reply;
  grpc::ClientContext context;
  set_deadline(context);
  const auto status =
      v1::HealthService::NewStub(connection.channel())->Overview(&context, v1::OverviewRequest(), &reply);
  if (!status.ok()) return failure(error_from_status(status));
  return reply;
}

Result<v1::DetailsReply> details_of(const Connection& connection, const Scope& scope) {
  v1::DetailsRequest request;
  *request.mutable_scope() = to_proto(scope);
  v1::DetailsReply reply;
  grpc::ClientContext context;
  set_deadline(context);
  const auto status = v1::HealthService::NewStub(connection.channel())->Details(&context, request, &reply);
  if (!status.ok()) return failure(error_from_status(status));
  return reply;
}

bool DoctorFindings::has_fault() const {
  const bool in_scopes = std::any_of(scopes.begin(), scopes.end(), [](const v1::ScopeHealth& scope) {
    return scope.decision() == v1::DECISION_BLOCK || has_error(scope.findings());
  });
  return in_scopes || (system && (has_error(system->daemon()) || has_error(system->programs()) ||
                                  has_error(system->stores()) || has_error(system->leftovers())));
}

Result<DoctorFindings> examine(const Connection& connection, const v1::DoctorRequest& request,
                               const std::function<void(const v1::Progress&)>& on_progress, const RunCall& run) {
  // No deadline: each check has its own.
  grpc::ClientContext context;
  Liveness liveness(connection, context);
  const auto stub = v1::HealthService::NewStub(connection.channel());
  DoctorFindings found;
  found.single = request.has_scope();
  grpc::Status status;
  const bool stopped = run(context, [&] {
    const auto stream = stub->Doctor(&context, request);
    v1::DoctorEvent event;
    while (stream->Read(&event)) {
      liveness.heard();
      if (event.has_progress()) on_progress(event.progress());
      if (event.has_scope()) found.scopes.push_back(event.scope());
      if (event.has_system()) found.system = event.system();
    }
    liveness.no_more();
    status = stream->Finish();
  });
  // The user may stop the call after its end.
  if (stopped && !status.ok()) return failure(Reason::cancelled, "cancelled");
  // Results arrive in the order in which the checks finish.
  std::stable_sort(found.scopes.begin(), found.scopes.end(), [](const v1::ScopeHealth& a, const v1::ScopeHealth& b) {
    return std::pair(a.scope().workspace(), a.scope().role()) < std::pair(b.scope().workspace(), b.scope().role());
  });
  TRY(liveness.outcome(status));
  return found;
}

Result<> watch(const Connection& connection, const v1::WatchRequest& request,
               const std::function<bool(const v1::WatchEvent&)>& on_event, const RunCall& run) {
  const auto stub = v1::HealthService::NewStub(connection.channel());
  const auto open = [&](grpc::ClientContext& context) { return stub->Watch(&context, request); };
  return read_events<v1::WatchEvent>(connection, open, on_event, run);
}

}  // namespace jackin::client
