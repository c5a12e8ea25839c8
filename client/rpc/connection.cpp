// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/connection.hpp"

#include <fcntl.h>
#include <grpcpp/create_channel_posix.h>

#include <utility>

#include "client/rpc/greeting.hpp"
#include "client/rpc/repeat_lost.hpp"
#include "client/rpc/status.hpp"
#include "common/os/find_paths.hpp"
#include "jackin/v1/daemon.grpc.pb.h"
#include "jackin/v1/health.grpc.pb.h"

namespace jackin::client {

void set_deadline(grpc::ClientContext& context, std::chrono::milliseconds from_now) {
  context.set_deadline(std::chrono::system_clock::now() + from_now);
}

Result<Connection> Connection::connect(const Environment& environment, const Paths& paths, Autostart autostart) {
  TRY(os::Descriptor socket, connect_to_daemon(environment, paths, autostart));
  // gRPC requires a non-blocking descriptor and owns it from here on.
  fcntl(socket.get(), F_SETFL, fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
  Connection connection;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(static_cast<int>(largest_reply));
  connection.channel_ = grpc::CreateCustomInsecureChannelFromFd("jackind", socket.release(), arguments);
  return connection;
}

Result<Connection> Connection::reach(const Environment& environment, const Paths& paths) {
  return connect(environment, paths, Autostart::no);
}

CallEnd Connection::greet(const Paths& paths) {
  grpc::ClientContext context;
  set_deadline(context);
  v1::HelloReply reply;
  const auto status = v1::DaemonService::NewStub(channel_)->Hello(&context, hello_request(paths), &reply);
  if (!status.ok()) return call_end(status);
  daemon_version_ = reply.version();
  daemon_pid_ = reply.pid();
  return call_end(check_greeting(reply));
}

Result<Connection> Connection::open(const Environment& environment, const Paths& paths, Autostart autostart) {
  std::optional<Connection> connection;
  TRY(repeat_lost([&]() -> CallEnd {
    auto connected = connect(environment, paths, autostart);
    if (!connected) return tl::unexpected(CallFailure{std::move(connected).error()});
    connection = std::move(*connected);
    return connection->greet(paths);
  }));
  return *std::move(connection);
}

Result<Connection> Connection::open(const Environment& environment, Autostart autostart) {
  TRY(const Paths paths, find_paths(environment));
  return open(environment, paths, autostart);
}

Result<> ask(std::optional<Connection>& connection, const Connect& connect,
             const std::function<grpc::Status(const Connection&, grpc::ClientContext&)>& call,
             std::chrono::milliseconds limit) {
  return repeat_lost([&]() -> CallEnd {
    if (!connection) {
      auto connected = connect();
      if (!connected) return tl::unexpected(CallFailure{std::move(connected).error()});
      connection = std::move(*connected);
    }
    grpc::ClientContext context;
    set_deadline(context, limit);
    auto end = call_end(call(*connection, context));
    if (!end && end.error().lost) connection.reset();
    return end;
  });
}

Result<std::optional<Scope>> find_workspace(std::optional<Connection>& connection, const Connect& connect,
                                            const std::string& folder) {
  v1::FindWorkspaceRequest request;
  request.set_folder(folder);
  v1::FindWorkspaceReply reply;
  TRY(ask(connection, connect, [&](const Connection& to, grpc::ClientContext& context) {
    return v1::HealthService::NewStub(to.channel())->FindWorkspace(&context, request, &reply);
  }));
  return workspace_from(reply);
}

}  // namespace jackin::client
