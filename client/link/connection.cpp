#include "client/link/connection.hpp"

#include <fcntl.h>
#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel_posix.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "client/link/error_from_status.hpp"
#include "client/link/process.hpp"
#include "client/link/running_daemon.hpp"
#include "client/link/start_daemon.hpp"
#include "common/untrusted_text.hpp"
#include "common/version.hpp"
#include "jackin/v1/daemon.grpc.pb.h"

namespace jackin::client {
namespace fs = std::filesystem;
namespace {

// A daemon that ends just when it is found: the next look starts another one, or finds the one that came after it.
constexpr int attempts = 3;
// How long a full backlog may keep a client waiting.
constexpr time_t connect_limit_seconds = 10;

// A connected socket; nothing when nobody listens there.
Result<std::optional<int>> connect_to(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& name = path.native();
  if (name.size() >= sizeof(address.sun_path)) {
    return failure(Reason::invalid_argument,
                   "the socket's path has " + std::to_string(name.size()) + " characters, the system allows " +
                       std::to_string(sizeof(address.sun_path) - 1) + ": " + printable(name),
                   "export JACKIN_RUNTIME_DIR=/tmp/jackin-$(id -u)");
  }
  std::memcpy(address.sun_path, name.data(), name.size());
  const int connection = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connection < 0) return failure(error_from_errno("cannot make a socket", errno));
  fcntl(connection, F_SETFD, FD_CLOEXEC);
  const timeval limit{.tv_sec = connect_limit_seconds, .tv_usec = 0};
  setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  int result = 0;
  do {
    result = connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  } while (result != 0 && errno == EINTR);
  if (result != 0) {
    const int error = errno;
    close(connection);
    if (error == ENOENT || error == ECONNREFUSED || error == ENOTDIR) return std::optional<int>();
    if (error == EAGAIN || error == ETIMEDOUT) {
      return failure(Reason::timed_out, "the daemon does not take connections", "jackinctl daemon restart");
    }
    return failure(error_from_errno("cannot connect to " + printable(name), error));
  }
  const auto uid = peer_uid(connection);
  if (uid != geteuid()) {
    close(connection);
    return failure(Reason::permission_denied, "another user listens on " + printable(name),
                   "ls -l " + printable(path.parent_path().string()));
  }
  const int flags = fcntl(connection, F_GETFL);
  if (flags < 0 || fcntl(connection, F_SETFL, flags | O_NONBLOCK) != 0) {
    close(connection);
    return failure(error_from_errno("cannot prepare a socket", errno));
  }
  return connection;
}

// At the place where it should listen, or at the one that the running daemon names: it may have been started from a
// session with another XDG_RUNTIME_DIR.
Result<std::optional<int>> connect_to_running(const Paths& paths) {
  TRY(const std::optional<int> usual, connect_to(paths.socket()));
  if (usual) return usual;
  const auto daemon = running_daemon(paths);
  if (!daemon || daemon->socket.empty() || fs::path(daemon->socket) == paths.socket()) return std::optional<int>();
  return connect_to(daemon->socket);
}

Result<std::optional<int>> connect_or_start(const Paths& paths, const Environment& environment, bool may_start) {
  TRY(const std::optional<int> running, connect_to_running(paths));
  if (running) return running;
  if (!may_start) return failure(Reason::daemon_unreachable, "no daemon runs", "jackinctl daemon start");
  TRY(const DaemonRecord started, start_daemon(paths, environment));
  return connect_to(started.socket.empty() ? paths.socket() : fs::path(started.socket));
}

void silence_grpc() {
  const Environment environment = Environment::of_this_process().only({"GRPC_*"});
  for (const auto& [name, value] : environment.variables()) unsetenv(name.c_str());
  gpr_set_log_function([](gpr_log_func_args*) {});
}

std::shared_ptr<grpc::Channel> channel_on(int connection) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  return grpc::CreateCustomInsecureChannelFromFd("jackind", connection, arguments);
}

}  // namespace

Connection::Connection(std::shared_ptr<grpc::Channel> channel, Paths paths)
    : channel_(std::move(channel)), paths_(std::move(paths)) {}

Result<Connection> Connection::open(const Environment& environment, const ConnectOptions& options) {
  TRY(Paths paths, find_paths(environment, options.folders));
  silence_grpc();
  const bool may_start = options.autostart && !environment.has("JACKIN_NO_AUTOSTART");
  for (int attempt = 1;; ++attempt) {
    TRY(const std::optional<int> socket, connect_or_start(paths, environment, may_start));
    Result<> greeted = failure(Reason::daemon_unreachable, "no daemon answers", "jackinctl daemon logs");
    if (socket) {
      Connection connection(channel_on(*socket), paths);
      greeted = connection.greet(options.limit);
      if (greeted) return connection;
    }
    if (greeted.error().reason != Reason::daemon_unreachable || attempt == attempts) return failure(greeted.error());
  }
}

Result<> Connection::greet(std::chrono::seconds limit) {
  v1::HelloRequest request;
  request.set_protocol_major(protocol_major);
  request.set_protocol_minor(protocol_minor);
  request.set_version(std::string(version()));
  request.set_config_dir(paths_.config_dir.string());
  request.set_home_dir(paths_.home_dir.string());
  v1::HelloReply reply;
  grpc::ClientContext call;
  limit_call(call, limit);
  const auto status = v1::Daemon::NewStub(channel_)->Hello(&call, request, &reply);
  if (!status.ok()) return failure(error_from_status(status));
  if (reply.protocol_major() != protocol_major) {
    return failure(Reason::daemon_mismatch,
                   "the daemon is jackind " + printable(reply.version(), 40) + " with protocol " +
                       std::to_string(reply.protocol_major()) + ", this program is " + std::string(version()) +
                       " with protocol " + std::to_string(protocol_major),
                   "jackinctl daemon restart");
  }
  daemon_pid_ = reply.pid();
  daemon_version_ = printable(reply.version(), 40);
  return {};
}

void limit_call(grpc::ClientContext& call, std::chrono::seconds limit) {
  call.set_deadline(std::chrono::system_clock::now() + limit);
}

}  // namespace jackin::client
