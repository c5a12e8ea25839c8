// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/unix_socket.hpp"

#include "common/os/private_files.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "common/untrusted_text.hpp"

namespace jackin::ipc {
namespace fs = std::filesystem;
namespace {

Error socket_error(std::string_view what, const fs::path& path) {
  return error_from_errno(std::string(what) + " " + printable(path.string()), errno);
}

Result<> make_private_and_non_blocking(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    return failure(error_from_errno("cannot prepare a socket", errno));
  }
  return {};
}

// Only a listening socket makes a connection wait, or accepts it.
bool somebody_listens(const sockaddr_un& address) {
  const os::Descriptor probe(socket(AF_UNIX, SOCK_STREAM, 0));
  if (!probe || !make_private_and_non_blocking(probe.get())) return false;
  return connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 || errno == EAGAIN ||
         errno == EINPROGRESS;
}

// The holder of the daemon lock knows that no daemon listens there. The service manager may still listen, and starts
// the daemon at the first connection. Leaves a file alone that is not a socket of this user.
Result<> remove_stale_socket(const fs::path& path, const sockaddr_un& address) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return failure(socket_error("cannot inspect", path));
  }
  if (!S_ISSOCK(found.st_mode) || found.st_uid != geteuid()) {
    return failure(Reason::permission_denied,
                   "the socket's path is occupied by a file that jackind did not create: " + printable(path.string()),
                   Remedy::inspect({path.string()}));
  }
  if (somebody_listens(address)) {
    return failure(
        Reason::busy,
        "another process listens on " + printable(path.string()) +
            " already: the service manager, which starts jackind itself, or a jackind of another state folder",
        Remedy::show_daemon().noting("or uninstall the service, to run jackind by hand"));
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return failure(socket_error("cannot replace", path));
  return {};
}

}  // namespace

ListeningSocket::~ListeningSocket() {
  if (descriptor_ && is_ours_ && is_in_place()) unlink(path_.c_str());
}

bool ListeningSocket::is_in_place() const {
  if (inode_ == 0) return true;
  struct stat found {};
  return lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_;
}

Result<ListeningSocket> ListeningSocket::create(const fs::path& path, const fs::path& home) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& name = path.native();
  if (name.size() >= sizeof(address.sun_path)) {
    return failure(Reason::invalid_argument,
                   "the socket's path has " + std::to_string(name.size()) + " characters, the system allows " +
                       std::to_string(sizeof(address.sun_path) - 1) + ": " + printable(name),
                   Remedy::set_variable("JACKIN_RUNTIME_DIR", "/tmp/jackin-" + std::to_string(geteuid())));
  }
  std::memcpy(address.sun_path, name.data(), name.size());

  TRY(os::make_private_folder(path.parent_path(), home));
  TRY(remove_stale_socket(path, address));
  os::Descriptor descriptor(socket(AF_UNIX, SOCK_STREAM, 0));
  if (!descriptor) return failure(socket_error("cannot make the socket", path));
  TRY(make_private_and_non_blocking(descriptor.get()));
  if (bind(descriptor.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return failure(socket_error("cannot make the socket", path));
  }
  struct stat made {};
  // No other user can write to the folder, so this is still the file that bind created.
  if (chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || lstat(path.c_str(), &made) != 0) {
    return failure(socket_error("cannot protect the socket", path));
  }
  ListeningSocket made_socket(std::move(descriptor), path, made, true);
  if (listen(made_socket.descriptor(), SOMAXCONN) != 0) return failure(socket_error("cannot listen on", path));
  return made_socket;
}

Result<ListeningSocket> ListeningSocket::adopt(os::Descriptor listening) {
  int is_listening = 0;
  socklen_t size = sizeof(is_listening);
  sockaddr_un address{};
  socklen_t address_size = sizeof(address);
  if (getsockopt(listening.get(), SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) != 0 || is_listening == 0 ||
      getsockname(listening.get(), reinterpret_cast<sockaddr*>(&address), &address_size) != 0 ||
      address.sun_family != AF_UNIX) {
    return failure(Reason::invalid_argument, "the socket from the service manager is not a listening Unix socket");
  }
  TRY(make_private_and_non_blocking(listening.get()));
  // Linux counts the terminating zero byte; other systems need not write one (unix(7), "Pathname sockets").
  const std::size_t space = address_size - std::min<std::size_t>(address_size, offsetof(sockaddr_un, sun_path));
  fs::path path(std::string(address.sun_path, strnlen(address.sun_path, std::min(space, sizeof(address.sun_path)))));
  struct stat file {};
  if (lstat(path.c_str(), &file) != 0) file = {};
  return ListeningSocket(std::move(listening), std::move(path), file, false);
}

Result<std::optional<os::Descriptor>> ListeningSocket::accept() const {
  for (;;) {
#ifdef __linux__
    os::Descriptor connection(accept4(descriptor_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
#else
    os::Descriptor connection(::accept(descriptor_.get(), nullptr, nullptr));
#endif
    if (connection) {
#ifndef __linux__
      TRY(make_private_and_non_blocking(connection.get()));
#endif
      return connection;
    }
    // A client that disconnected before the accept is no reason to stop.
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::optional<os::Descriptor>();
    return failure(error_from_errno("cannot accept a connection", errno));
  }
}

}  // namespace jackin::ipc
