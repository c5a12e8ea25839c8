// Finds, starts and greets the daemon as every client does, and says what came of it: `door_client hello|shutdown`.

#include <grpcpp/client_context.h>

#include <iostream>
#include <string_view>

#include "client/link/connection.hpp"
#include "client/link/exit_code.hpp"
#include "client/link/status.hpp"
#include "jackin/v1/daemon.grpc.pb.h"

namespace {

int fail(const jackin::Error& error) {
  std::cerr << jackin::to_code(error.reason) << ": " << error.message << '\n' << error.remedy << '\n';
  return jackin::client::exit_code_for(error.reason);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace jackin;  // NOLINT(google-build-using-namespace): the program's own file
  const std::string_view command = argc > 1 ? argv[1] : "hello";
  const Environment environment = Environment::of_this_process();
  const auto paths = find_paths(environment);
  if (!paths) return fail(paths.error());
  const auto connection = client::Connection::open(environment, *paths, client::Autostart::yes);
  if (!connection) return fail(connection.error());
  std::cout << connection->daemon_pid() << '\n';
  if (command == "shutdown") {
    grpc::ClientContext context;
    client::set_deadline(context);
    v1::ShutdownReply reply;
    const auto status = v1::Daemon::NewStub(connection->channel())->Shutdown(&context, v1::ShutdownRequest(), &reply);
    if (!status.ok()) return fail(client::error_from_status(status));
  }
  return 0;
}
