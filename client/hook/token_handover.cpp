// SPDX-License-Identifier: Apache-2.0
#include "client/hook/token_handover.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace jackin::client {
namespace {

// Every pipe accepts this many bytes at once (POSIX's minimum for PIPE_BUF). A token has 108 bytes.
constexpr std::size_t pipe_capacity = 512;

Result<> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = write(fd, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd writable{fd, POLLOUT, 0};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return failure(error_from_errno("cannot hand over the token", errno));
    }
  }
  return {};
}

}  // namespace

Result<int> pipe_with(const Secret& token) {
  if (token.size() > pipe_capacity) return failure(Reason::token_malformed, "the token is too long for a pipe");
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return failure(error_from_errno("cannot create a pipe", errno));
  // When descriptor 0, 1 or 2 is closed, the pipe would get its number. The command would then read the token from
  // stdin, or this process would write a message into the pipe.
  for (int& end : ends) {
    if (end > STDERR_FILENO) continue;
    const int above = fcntl(end, F_DUPFD, STDERR_FILENO + 1);
    const int error = errno;
    close(end);
    if (above < 0) return failure(error_from_errno("cannot create a pipe", error));
    end = above;
  }
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  const auto written = write_all(ends[1], token.view());
  close(ends[1]);
  if (!written) {
    close(ends[0]);
    return failure(written.error());
  }
  return ends[0];
}

Result<> check_writable(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0) {
    return failure(Reason::invalid_argument, "descriptor " + std::to_string(fd) + " is not open");
  }
  if ((flags & O_ACCMODE) == O_RDONLY) {
    return failure(Reason::invalid_argument, "descriptor " + std::to_string(fd) + " cannot be written");
  }
  if (isatty(fd) == 1) {
    return failure(Reason::invalid_argument,
                   "descriptor " + std::to_string(fd) + " is a terminal, and a token is never shown on one");
  }
  return {};
}

Result<> write_variable(int fd, std::string_view name, const Secret& value) {
  TRY(check_writable(fd));
  Secret entry;
  entry.prepare(name.size() + value.size() + 2);
  entry.append(name);
  entry.push_back('=');
  entry.append(value.view());
  entry.push_back('\0');
  return write_all(fd, entry.view());
}

}  // namespace jackin::client
