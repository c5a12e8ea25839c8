// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/daemon_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <vector>

#include "client/rpc/repeat_lost.hpp"
#include "client/rpc/start_daemon.hpp"
#include "common/os/daemon_record.hpp"
#include "common/os/find_paths.hpp"
#include "common/os/peer.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

constexpr int default_connect_limit_seconds = 10;

// Returns JACKIN_CONNECT_SECONDS when it is a number from 1 to 600; else the default.
int connect_limit_seconds(const Environment& environment) {
  const std::string text = environment.value_of("JACKIN_CONNECT_SECONDS");
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool valid = error == std::errc() && end == text.data() + text.size() && seconds >= 1 && seconds <= 600;
  return valid ? seconds : default_connect_limit_seconds;
}

Result<> check_peer(int fd) {
  const auto peer = os::peer_credentials(fd);
  if (!peer) return failure(peer.error());
  if (peer->uid == geteuid()) return {};
  return failure(Reason::permission_denied,
                 "the process that listens on the socket runs as another user (uid " + std::to_string(peer->uid) +
                     "); nothing was sent",
                 Remedy::try_again("with the right JACKIN_RUNTIME_DIR or XDG_RUNTIME_DIR"));
}

// Returns a connected socket; nothing when no process listens.
Result<std::optional<os::Descriptor>> connect_to(const std::string& path, int limit_seconds) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return failure(Reason::invalid_argument,
                   "the socket's path is longer than the system allows (" +
                       std::to_string(sizeof(address.sun_path) - 1) + " bytes): " + path,
                   Remedy::set_variable("JACKIN_RUNTIME_DIR", "/a/shorter/folder"));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  os::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  if (socket.get() < 0) return failure(error_from_errno("cannot make a socket", errno));
  fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
  // With a full backlog connect blocks. On Linux the send timeout limits the wait (not documented in unix(7); see
  // unix_stream_connect in the kernel).
  const timeval limit{limit_seconds, 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  int result = 0;
  do {
    result = connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  } while (result != 0 && errno == EINTR);
  if (result == 0) {
    TRY(check_peer(socket.get()));
    return std::optional<os::Descriptor>(std::move(socket));
  }
  if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) return std::optional<os::Descriptor>();
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    return failure(Reason::daemon_unreachable, "jackind accepts no connections: its queue is full",
                   Remedy::restart_daemon());
  }
  return failure(error_from_errno("cannot connect to " + path, errno));
}

// Returns the sockets on which the daemon may listen: the one in JACKIN_RUNTIME_DIR, the one in the daemon's record,
// and the default. A session may lack XDG_RUNTIME_DIR (cron), or have another value than the session that started the
// daemon.
std::vector<std::string> places(const Environment& environment, const Paths& paths) {
  const std::string usual = paths.socket().string();
  std::vector<std::string> found;
  if (environment.has("JACKIN_RUNTIME_DIR")) found.push_back(usual);
  const auto record = read_daemon_record(paths.daemon_lock());
  if (record && !record->socket.empty() && record->socket != usual) found.push_back(record->socket);
  if (found.empty() || found.front() != usual) found.push_back(usual);
  return found;
}

// Connects to the first place where a daemon of this user listens; nothing when none does. A place that only the record
// names may now belong to another user or daemon. For such a place only daemon_unreachable (a daemon that accepts no
// connections) is an error; other failures are ignored.
Result<std::optional<os::Descriptor>> connect_to_any(const Environment& environment, const Paths& paths) {
  for (const std::string& place : places(environment, paths)) {
    auto socket = connect_to(place, connect_limit_seconds(environment));
    if (socket && *socket) return socket;
    const bool is_usual = place == paths.socket().string();
    if (!socket && (is_usual || socket.error().reason == Reason::daemon_unreachable)) {
      return failure(std::move(socket).error());
    }
  }
  return std::optional<os::Descriptor>();
}

// Returns the record of a daemon that runs, listens, and is not stopping.
std::optional<DaemonRecord> settled_daemon(const Paths& paths) {
  auto record = read_daemon_record(paths.daemon_lock());
  if (!record || record->stopping || record->socket.empty() || !is_running(*record)) return std::nullopt;
  return record;
}

}  // namespace

Result<os::Descriptor> connect_to_daemon(const Environment& environment, const Paths& paths, Autostart autostart) {
  TRY(auto socket, connect_to_any(environment, paths));
  if (socket) return std::move(*socket);
  if (autostart == Autostart::no || environment.has("JACKIN_NO_AUTOSTART")) {
    return failure(Reason::daemon_unreachable,
                   "jackind is not running (no process listens on " + paths.socket().string() + ")",
                   Remedy::of(RemedyAction::start_daemon));
  }
  for (int tries = 0; tries < most_tries; ++tries) {
    TRY(const Readiness readiness, start_daemon(environment, paths));
    TRY(auto started, connect_to_any(environment, paths));
    if (started) return std::move(*started);
    // When the daemon that was found has exited since, another one can start.
    if (readiness != Readiness::exists || settled_daemon(paths)) break;
  }
  if (const auto record = settled_daemon(paths)) {
    return failure(Reason::daemon_unreachable,
                   "jackind (pid " + std::to_string(record->pid) + ") runs, but does not listen on " +
                       printable(record->socket, 1000),
                   Remedy::restart_daemon());
  }
  return failure(Reason::daemon_unreachable, "jackind was started, but nothing listens on " + paths.socket().string(),
                 Remedy::of(RemedyAction::show_daemon_log));
}

std::optional<pid_t> unreachable_daemon(const Environment& environment, const Paths& paths) {
  const auto record = settled_daemon(paths);
  if (!record) return std::nullopt;
  for (const std::string& place : places(environment, paths)) {
    const auto socket = connect_to(place, connect_limit_seconds(environment));
    const bool nobody = socket ? !*socket : socket.error().reason != Reason::daemon_unreachable;
    if (!nobody) return std::nullopt;
  }
  return record->pid;
}

}  // namespace jackin::client
