// SPDX-License-Identifier: Apache-2.0
// A minimal client, which prints the result of its call:
//
//   test_client hello|shutdown             finds, starts and greets the daemon as every client does
//   test_client probe WORKSPACE            one probe for each line of stdin, all on one connection while it exists;
//                                          prints the verdict and the number of connections so far
//   test_client greet MAJOR MINOR VERSION  greets the running daemon as a client of another build would

#include <grpcpp/client_context.h>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include "client/rpc/connection.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/status.hpp"
#include "common/os/find_paths.hpp"
#include "common/remedy_command.hpp"
#include "jackin/v1/daemon.grpc.pb.h"
#include "jackin/v1/health.grpc.pb.h"
#include "proto/enum_conversion.hpp"

namespace {

using namespace jackin;  // NOLINT(google-build-using-namespace): the program's own file

int fail(const Error& error) {
  std::cerr << to_code(error.reason) << ": " << error.message << '\n' << command_line(error.remedy) << '\n';
  return client::exit_code_for(error.reason);
}

int probe(const Environment& environment, const Paths& paths, const std::string& workspace) {
  std::optional<client::Connection> connection;
  int connections = 0;
  const auto connect = [&] {
    ++connections;
    return client::Connection::open(environment, paths, client::Autostart::yes);
  };
  v1::ProbeRequest request;
  request.mutable_scope()->set_workspace(workspace);
  for (std::string line; std::getline(std::cin, line);) {
    v1::ProbeReply reply;
    const auto asked =
        client::ask(connection, connect, [&](const client::Connection& to, grpc::ClientContext& context) {
          return v1::HealthService::NewStub(to.channel())->Probe(&context, request, &reply);
        });
    if (!asked) return fail(asked.error());
    std::cout << word_of_proto(reply.verdict()) << ' ' << connections << std::endl;
  }
  return 0;
}

int greet(const Environment& environment, const Paths& paths, char** arguments) {
  const auto connection = client::Connection::reach(environment, paths);
  if (!connection) return fail(connection.error());
  v1::HelloRequest request;
  request.set_protocol_major(static_cast<std::uint32_t>(std::atoi(arguments[0])));
  request.set_protocol_minor(static_cast<std::uint32_t>(std::atoi(arguments[1])));
  request.set_version(arguments[2]);
  grpc::ClientContext context;
  client::set_deadline(context);
  v1::HelloReply reply;
  const auto status = v1::DaemonService::NewStub(connection->channel())->Hello(&context, request, &reply);
  if (!status.ok()) return fail(client::error_from_status(status));
  std::cout << reply.pid() << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "hello";
  const Environment environment = Environment::of_this_process();
  const auto paths = find_paths(environment);
  if (!paths) return fail(paths.error());
  if (command == "greet") return argc == 5 ? greet(environment, *paths, argv + 2) : client::exit_usage;
  if (command == "probe") return argc == 3 ? probe(environment, *paths, argv[2]) : client::exit_usage;
  const auto connection = client::Connection::open(environment, *paths, client::Autostart::yes);
  if (!connection) return fail(connection.error());
  std::cout << connection->daemon_pid() << '\n';
  if (command == "shutdown") {
    grpc::ClientContext context;
    client::set_deadline(context);
    v1::ShutdownReply reply;
    const auto status =
        v1::DaemonService::NewStub(connection->channel())->Shutdown(&context, v1::ShutdownRequest(), &reply);
    if (!status.ok()) return fail(client::error_from_status(status));
  }
  return 0;
}
