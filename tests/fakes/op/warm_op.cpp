// SPDX-License-Identifier: Apache-2.0
// `op` on the PATH of a test that keeps the stand-in running. It passes the call to warm_op.py, whose socket
// `$HOME/.warm-op` names, and ends with the same result.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX has no header that declares it

namespace {

int give_up(const char* what) {
  std::perror(what);
  return 97;
}

}  // namespace

int main(int argc, char** argv) {
  const char* const home = std::getenv("HOME");
  const std::string path = std::string(home == nullptr ? "" : home) + "/.warm-op";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return give_up("warm op: the path of the socket is too long");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int server = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (server < 0 || connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return give_up("warm op: the server does not answer");
  }

  std::string message = std::to_string(argc - 1) + '\0';
  for (int i = 1; i < argc; ++i) message.append(argv[i]).push_back('\0');
  for (char** entry = environ; *entry != nullptr; ++entry) message.append(*entry).push_back('\0');

  constexpr std::size_t descriptors_size = 3 * sizeof(int);
  alignas(cmsghdr) std::array<char, CMSG_SPACE(descriptors_size)> control{};
  iovec text{message.data(), message.size()};
  msghdr header{};
  header.msg_iov = &text;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* const descriptors = CMSG_FIRSTHDR(&header);
  descriptors->cmsg_level = SOL_SOCKET;
  descriptors->cmsg_type = SCM_RIGHTS;
  descriptors->cmsg_len = CMSG_LEN(descriptors_size);
  const std::array<int, 3> standard{0, 1, 2};
  std::memcpy(CMSG_DATA(descriptors), standard.data(), descriptors_size);
  if (sendmsg(server, &header, 0) < 0) return give_up("warm op: the call cannot be handed over");

  unsigned char code = 0;
  if (recv(server, &code, 1, 0) != 1) {
    // A signal ended the call.
    raise(SIGKILL);
  }
  return code;
}
