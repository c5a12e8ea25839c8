// SPDX-License-Identifier: Apache-2.0
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "common/untrusted_text.hpp"
#include "common/version.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/ipc/proto_conversion.hpp"
#include "daemon/ipc/services.hpp"
#include "daemon/ipc/unary_call.hpp"
#include "jackin/v1/daemon.grpc.pb.h"

namespace jackin::ipc {
namespace {

Task<> check_folder(DaemonInterface& daemon, std::string_view which, const std::string& clients,
                    const std::filesystem::path& ours) {
  if (clients.empty() || clients == ours.string()) co_return Result<>();
  std::filesystem::path named = clients;
  std::filesystem::path own = ours;
  const auto same = co_await daemon.is_same_folder(std::move(named), std::move(own));
  if (!same) {
    const std::string folder = printable(clients);
    co_return failure(same.error().reason,
                      "cannot compare the " + std::string(which) + " folder " + folder + ": " + same.error().message,
                      Remedy::try_again("when " + folder + " answers again"));
  }
  if (*same) co_return Result<>();
  co_return failure(Reason::daemon_mismatch,
                    "the daemon works with the " + std::string(which) + " folder " + printable(ours.string()) +
                        ", this program with " + printable(clients),
                    Remedy::restart_daemon());
}

Task<v1::HelloReply> greet(DaemonInterface& daemon, v1::HelloRequest request) {
  if (request.protocol_major() != protocol_major) {
    co_return failure(Reason::daemon_mismatch,
                      "the daemon is jackind " + std::string(version()) + " with protocol " +
                          std::to_string(protocol_major) + ", this program is " + printable(request.version(), 40) +
                          " with protocol " + std::to_string(request.protocol_major()),
                      Remedy::restart_daemon());
  }
  const Paths& paths = daemon.paths();
  CO_TRY(co_await check_folder(daemon, "configuration", request.config_dir(), paths.config_dir));
  CO_TRY(co_await check_folder(daemon, "state", request.state_dir(), paths.state_dir));
  CO_TRY(co_await check_folder(daemon, "data", request.data_dir(), paths.data_dir));
  v1::HelloReply reply;
  reply.set_protocol_major(protocol_major);
  reply.set_protocol_minor(protocol_minor);
  reply.set_version(std::string(version()));
  reply.set_pid(getpid());
  co_return reply;
}

void describe_call(const Activity::Call& call, v1::RunningCall& proto) {
  proto.set_method(std::string(call.name));
  proto.mutable_client()->set_pid(call.caller.pid);
  proto.mutable_client()->set_command(call.caller.command);
}

v1::StatusReply status_of(const DaemonInterface& daemon, const Activity& activity) {
  const DaemonStatus status = daemon.status();
  const Paths& paths = daemon.paths();
  v1::StatusReply reply;
  reply.set_pid(getpid());
  reply.set_version(std::string(version()));
  reply.set_protocol(std::to_string(protocol_major) + "." + std::to_string(protocol_minor));
  reply.set_socket(status.socket.string());
  reply.set_config_dir(paths.config_dir.string());
  reply.set_state_dir(paths.state_dir.string());
  reply.set_data_dir(paths.data_dir.string());
  reply.set_started_at(format_moment(status.started_at));
  reply.set_ending(status.is_ending);
  reply.set_base_url(printable(status.base_url, 1000));
  reply.set_base_url_is_default(status.base_url == config::default_base_url);
  for (const auto& operation : status.operations) to_proto(operation, *reply.add_operations());
  if (reply.ending()) {
    for (const auto& call : activity.earlier_calls()) {
      if (!call.name.empty()) describe_call(call, *reply.add_waits_for());
    }
  }
  return reply;
}

class DaemonService final : public v1::DaemonService::CallbackService {
 public:
  explicit DaemonService(ServiceDependencies& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* Hello(grpc::CallbackServerContext* context, const v1::HelloRequest* request,
                                  v1::HelloReply* reply) override {
    return UnaryCall<v1::HelloReply>::start(deps_, context, "Daemon.Hello", reply,
                                            [&daemon = deps_.services.daemon, request = *request](
                                                const ProcessIdentity&) { return greet(daemon, request); });
  }

  grpc::ServerUnaryReactor* Status(grpc::CallbackServerContext* context, const v1::StatusRequest*,
                                   v1::StatusReply* reply) override {
    return answer_at_once(
        deps_, context, "Daemon.Status", reply,
        [&deps = deps_](const ProcessIdentity&) -> Result<v1::StatusReply> {
          return status_of(deps.services.daemon, deps.activity);
        },
        Answers::anyone);
  }

  grpc::ServerUnaryReactor* Shutdown(grpc::CallbackServerContext* context, const v1::ShutdownRequest*,
                                     v1::ShutdownReply* reply) override {
    return answer_at_once(
        deps_, context, "Daemon.Shutdown", reply,
        [&daemon = deps_.services.daemon](const ProcessIdentity& caller) -> Result<v1::ShutdownReply> {
          spdlog::info("Daemon.Shutdown by {}[{}]", caller.command, caller.pid);
          daemon.shut_down();
          v1::ShutdownReply answer;
          answer.set_pid(getpid());
          return answer;
        },
        Answers::anyone);
  }

 private:
  ServiceDependencies& deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> daemon_service(ServiceDependencies& deps) {
  return std::make_unique<DaemonService>(deps);
}

}  // namespace jackin::ipc
