// SPDX-License-Identifier: Apache-2.0
#include <spdlog/spdlog.h>

#include <utility>

#include "common/words.hpp"
#include "daemon/ipc/proto_conversion.hpp"
#include "daemon/ipc/services.hpp"
#include "daemon/ipc/unary_call.hpp"
#include "jackin/v1/launch.grpc.pb.h"

namespace jackin::ipc {
namespace {

// The process for which the hand-out is recorded: the hook itself, which becomes the command. The kernel's
// identification of the caller takes precedence. The client's claim counts only if the kernel gives none, or if another
// process makes the call for the hook.
ProcessIdentity launched_process(const ProcessIdentity& claimed, const ProcessIdentity& caller) {
  if (claimed.pid <= 0 || claimed.pid == caller.pid) return caller;
  return identify_process(claimed.pid).value_or(claimed);
}

Task<v1::PrepareReply> prepare(LaunchInterface& launches, v1::PrepareRequest proto, ProcessIdentity caller) {
  CO_TRY(launch::LaunchRequest request, from_proto(proto));
  request.process = launched_process(request.process, caller);
  const Scope scope = request.scope;
  const std::string command = request.command;
  CO_TRY(const launch::LaunchPlan plan, co_await launches.prepare(std::move(request)));
  spdlog::info("Launch.Prepare {} by {}[{}] for {}: {}{}", scope.str(), caller.command, caller.pid, command,
               word_of(plan.answer.verdict), plan.token ? ", token handed out" : "");
  v1::PrepareReply reply;
  to_proto(plan, reply);
  co_return reply;
}

v1::LockReply lock(LaunchInterface& launches, const ProcessIdentity& caller) {
  v1::LockReply reply;
  reply.set_dropped(static_cast<std::uint32_t>(launches.lock()));
  spdlog::info("Launch.Lock by {}[{}]", caller.command, caller.pid);
  return reply;
}

class LaunchService final : public v1::LaunchService::CallbackService {
 public:
  explicit LaunchService(ServiceDependencies& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* Prepare(grpc::CallbackServerContext* context, const v1::PrepareRequest* request,
                                    v1::PrepareReply* reply) override {
    return UnaryCall<v1::PrepareReply>::start(
        deps_, context, "Launch.Prepare", reply,
        [&launches = deps_.services.launch, request = *request](const ProcessIdentity& caller) mutable {
          return prepare(launches, std::move(request), caller);
        });
  }

  grpc::ServerUnaryReactor* Lock(grpc::CallbackServerContext* context, const v1::LockRequest*,
                                 v1::LockReply* reply) override {
    return answer_at_once(deps_, context, "Launch.Lock", reply,
                          [&launches = deps_.services.launch](const ProcessIdentity& caller) -> Result<v1::LockReply> {
                            return lock(launches, caller);
                          });
  }

 private:
  ServiceDependencies& deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> launch_service(ServiceDependencies& deps) {
  return std::make_unique<LaunchService>(deps);
}

}  // namespace jackin::ipc
