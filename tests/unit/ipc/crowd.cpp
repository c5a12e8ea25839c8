// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/ipc/crowd.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace jackin::test {
namespace {

// In the child of a process with threads: async-signal-safe calls only.
[[noreturn]] void hold(const sockaddr_un& address, std::size_t connections, std::string_view first, int ready) {
  std::signal(SIGPIPE, SIG_IGN);
  for (std::size_t i = 0; i < connections; ++i) {
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) _exit(1);
    // A refused connection accepts no data.
    (void)!write(fd, first.data(), first.size());
  }
  (void)!write(ready, "", 1);
  for (;;) pause();
}

}  // namespace

Crowd::Crowd(const std::filesystem::path& socket, std::size_t processes, std::size_t connections_each,
             std::string_view first) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket.c_str(), socket.native().size());
  std::array<int, 2> ready{};
  if (pipe(ready.data()) != 0) throw std::runtime_error("no pipe");
  for (std::size_t i = 0; i < processes; ++i) {
    const pid_t child = fork();
    if (child == 0) hold(address, connections_each, first, ready[1]);
    processes_.push_back(child);
  }
  close(ready[1]);
  char byte = 0;
  for (std::size_t i = 0; i < processes; ++i) {
    if (read(ready[0], &byte, 1) != 1) throw std::runtime_error("a process of the crowd cannot connect");
  }
  close(ready[0]);
}

Crowd::~Crowd() {
  for (const pid_t process : processes_) kill(process, SIGKILL);
  for (const pid_t process : processes_) waitpid(process, nullptr, 0);
}

}  // namespace jackin::test
