// SPDX-License-Identifier: Apache-2.0
#include "daemon/desktop/socket_activation.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "tests/support/temp_dir.hpp"

namespace jackin::desktop {
namespace {

#ifdef __linux__

// Runs in a child process, as systemd starts it: a listening socket as descriptor 3, another file as 4.
int started_by_systemd(const std::string& socket_path, const char* pid, const char* count) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path.c_str(), sizeof address.sun_path - 1);
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 1) != 0) return 90;
  if (dup2(listener, 13) != 13 || dup2(13, 3) != 3 || dup2(STDERR_FILENO, 4) != 4) return 91;
  if (pid != nullptr) setenv("LISTEN_PID", pid, 1);
  if (count != nullptr) setenv("LISTEN_FDS", count, 1);
  setenv("LISTEN_FDNAMES", "jackind:other", 1);
  const auto sockets = inherited_sockets();
  if (getenv("LISTEN_PID") != nullptr || getenv("LISTEN_FDS") != nullptr || getenv("LISTEN_FDNAMES") != nullptr) {
    return 92;
  }
  for (const auto& socket : sockets) {
    if (socket.get() != 3 || fcntl(3, F_GETFD) != FD_CLOEXEC) return 93;
  }
  // A passed descriptor that is no listening socket is closed.
  if (!sockets.empty() && fcntl(4, F_GETFD) >= 0) return 94;
  return static_cast<int>(sockets.size());
}

TEST(SocketActivation, SocketsForThisProcess_Taken) {
  const test::TempDir folder;
  EXPECT_EXIT(_exit(started_by_systemd(folder / "a", std::to_string(getpid()).c_str(), "2")),
              testing::ExitedWithCode(1), "");
}

TEST(SocketActivation, SocketsForAnotherProcess_Left) {
  const test::TempDir folder;
  EXPECT_EXIT(_exit(started_by_systemd(folder / "a", "1", "1")), testing::ExitedWithCode(0), "");
}

TEST(SocketActivation, MalformedVariables_Ignored) {
  const test::TempDir folder;
  int number = 0;
  for (const char* count : {"", "0", "-1", "x", "1x", "99999999999999"}) {
    const std::string path = folder / std::to_string(number++);
    EXPECT_EXIT(_exit(started_by_systemd(path, std::to_string(getpid()).c_str(), count)), testing::ExitedWithCode(0),
                "")
        << count;
  }
  EXPECT_EXIT(_exit(started_by_systemd(folder / "none", nullptr, nullptr)), testing::ExitedWithCode(0), "");
}

#endif

TEST(SocketActivation, ListeningSocket_Distinguished) {
  const test::TempDir folder;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (folder / "s").c_str(), sizeof address.sun_path - 1);
  const os::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_EQ(bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_FALSE(is_listening_unix_socket(socket.get()));
  ASSERT_EQ(listen(socket.get(), 1), 0);
  EXPECT_TRUE(is_listening_unix_socket(socket.get()));
  EXPECT_FALSE(is_listening_unix_socket(STDERR_FILENO));
  const os::Descriptor internet(::socket(AF_INET, SOCK_STREAM, 0));
  EXPECT_FALSE(is_listening_unix_socket(internet.get()));
}

}  // namespace
}  // namespace jackin::desktop
