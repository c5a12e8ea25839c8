// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "daemon/async/loops.hpp"
#include "daemon/ipc/doctor_call.hpp"
#include "daemon/ipc/proto_conversion.hpp"
#include "daemon/ipc/services.hpp"
#include "daemon/ipc/unary_call.hpp"
#include "daemon/ipc/valid_text.hpp"
#include "daemon/ipc/watch_call.hpp"
#include "jackin/v1/health.grpc.pb.h"

namespace jackin::ipc {
namespace {

Task<v1::ProbeReply> probe(HealthInterface& health, v1::ProbeRequest request) {
  CO_TRY(const Scope scope, from_proto(request.scope()));
  std::optional<std::chrono::seconds> max_age;
  constexpr std::uint64_t ten_years = 10ULL * 366 * 24 * 3600;
  if (request.max_age_seconds() > 0) max_age = std::chrono::seconds(std::min(request.max_age_seconds(), ten_years));
  CO_TRY(const health::ProbeAnswer answer, co_await health.probe_with_quick_check(scope, max_age));
  v1::ProbeReply reply;
  to_proto(answer, reply);
  co_return reply;
}

Task<v1::OverviewReply> overview(HealthInterface& health, std::string workspace) {
  if (!workspace.empty()) {
    CO_TRY(Scope::workspace(workspace));
  }
  CO_TRY(const health::Overview all, co_await health.overview(std::move(workspace)));
  v1::OverviewReply reply;
  // A reply with thousands of scopes is also built in several turns.
  async::Slices slices;
  std::map<Scope, v1::ProbeReply*> of_scope;
  for (const auto& answer : all.answers) {
    v1::ProbeReply& proto = *reply.add_scopes();
    to_proto(answer, proto);
    make_text_valid(proto);
    of_scope[answer.scope] = &proto;
    const bool goes_on = co_await slices.step();
    if (!goes_on) co_return failure(Reason::cancelled, "cancelled");
  }
  for (const auto& group : all.groups) {
    const bool is_wanted =
        std::any_of(group.begin(), group.end(), [&](const Scope& scope) { return of_scope.contains(scope); });
    if (!is_wanted) continue;
    auto& proto = *reply.add_groups();
    for (const Scope& scope : group) {
      v1::Scope& wire_scope = *proto.add_scopes();
      to_proto(scope, wire_scope);
      if (const auto one = of_scope.find(scope); one != of_scope.end()) {
        one->second->set_group(static_cast<std::uint32_t>(reply.groups_size()));
      }
      const bool goes_on = co_await slices.step();
      if (!goes_on) co_return failure(Reason::cancelled, "cancelled");
    }
  }
  co_return reply;
}

Task<v1::DetailsReply> details(HealthInterface& health, v1::DetailsRequest request) {
  CO_TRY(Scope scope, from_proto(request.scope()));
  CO_TRY(const health::ScopeDetails details, co_await health.details(std::move(scope)));
  v1::DetailsReply reply;
  to_proto(details, reply);
  co_return reply;
}

Task<v1::FindWorkspaceReply> find_workspace(HealthInterface& health, v1::FindWorkspaceRequest request) {
  CO_TRY(check_path("folder", request.folder()));
  CO_TRY(const auto workspace, co_await health.workspace_in(request.folder()));
  v1::FindWorkspaceReply reply;
  if (workspace) reply.set_workspace(workspace->workspace_name());
  co_return reply;
}

class HealthService final : public v1::HealthService::CallbackService {
 public:
  explicit HealthService(ServiceDependencies& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* Probe(grpc::CallbackServerContext* context, const v1::ProbeRequest* request,
                                  v1::ProbeReply* reply) override {
    return UnaryCall<v1::ProbeReply>::start(deps_, context, "Health.Probe", reply,
                                            [&health = deps_.services.health, request = *request](
                                                const ProcessIdentity&) { return probe(health, request); });
  }

  grpc::ServerUnaryReactor* FindWorkspace(grpc::CallbackServerContext* context, const v1::FindWorkspaceRequest* request,
                                          v1::FindWorkspaceReply* reply) override {
    return UnaryCall<v1::FindWorkspaceReply>::start(
        deps_, context, "Health.FindWorkspace", reply,
        [&health = deps_.services.health, request = *request](const ProcessIdentity&) {
          return find_workspace(health, request);
        });
  }

  grpc::ServerWriteReactor<v1::DoctorEvent>* Doctor(grpc::CallbackServerContext* context,
                                                    const v1::DoctorRequest* request) override {
    return DoctorCall::start(deps_, context, *request);
  }

  grpc::ServerWriteReactor<v1::WatchEvent>* Watch(grpc::CallbackServerContext* context,
                                                  const v1::WatchRequest* request) override {
    return WatchCall::start(deps_, context, *request);
  }

  grpc::ServerUnaryReactor* Details(grpc::CallbackServerContext* context, const v1::DetailsRequest* request,
                                    v1::DetailsReply* reply) override {
    return UnaryCall<v1::DetailsReply>::start(deps_, context, "Health.Details", reply,
                                              [&health = deps_.services.health, request = *request](
                                                  const ProcessIdentity&) { return details(health, request); });
  }

  grpc::ServerUnaryReactor* Overview(grpc::CallbackServerContext* context, const v1::OverviewRequest* request,
                                     v1::OverviewReply* reply) override {
    return UnaryCall<v1::OverviewReply>::start(
        deps_, context, "Health.Overview", reply,
        [&health = deps_.services.health, workspace = request->workspace()](const ProcessIdentity&) {
          return overview(health, workspace);
        },
        Answers::who_has_a_place, ReplyText::valid);
  }

 private:
  ServiceDependencies& deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> health_service(ServiceDependencies& deps) {
  return std::make_unique<HealthService>(deps);
}

}  // namespace jackin::ipc
