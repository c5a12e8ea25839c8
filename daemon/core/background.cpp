// SPDX-License-Identifier: Apache-2.0
#include "daemon/core/background.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <iostream>
#include <string>
#include <string_view>

#include "common/readiness.hpp"
#include "common/remedy_command.hpp"

namespace jackin {
namespace {

std::string read_until_closed(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

[[noreturn]] void report_and_end(const std::string& said) {
  const auto readiness = parse_readiness(said);
  if (!readiness) {
    std::cerr << "error: " << readiness.error().message << '\n';
    const std::string remedy = command_line(readiness.error().remedy, {"jackind"});
    if (!remedy.empty()) std::cerr << "try: " << remedy << '\n';
    _exit(1);
  }
  if (*readiness == Readiness::ready) {
    std::cerr << "jackind runs\n";
  } else {
    std::cerr << "jackind is already running: " << command_line(Remedy::show_daemon()) << '\n';
  }
  _exit(0);
}

}  // namespace

Result<int> go_to_background() {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return failure(error_from_errno("cannot make a pipe", errno));
  const pid_t child = fork();
  if (child < 0) return failure(error_from_errno("cannot start a background process", errno));
  if (child > 0) {
    close(ends[1]);
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    report_and_end(read_until_closed(ends[0]));
  }
  close(ends[0]);
  setsid();
  // The session leader exits, so that the daemon can never acquire a controlling terminal.
  const pid_t daemon = fork();
  if (daemon != 0) _exit(daemon < 0 ? 1 : 0);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {0, 1, 2}) dup2(null, fd);
  close(null);
  return ends[1];
}

bool started_by_service_manager() {
#ifdef __APPLE__
  return getppid() == 1;
#else
  // INVOCATION_ID alone is not enough: every process that a session's services start inherits it (systemd.exec(5)).
  const char* const pid = getenv("SYSTEMD_EXEC_PID");
  return pid != nullptr && std::string_view(pid) == std::to_string(getpid());
#endif
}

}  // namespace jackin
