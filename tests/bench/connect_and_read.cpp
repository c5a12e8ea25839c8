// SPDX-License-Identifier: Apache-2.0
// The minimum that a client of the daemon's socket can do: connect, send the HTTP/2 preface, read the server's first
// bytes, exit. The daemon sends nothing to a silent client. The benchmark compares jackin-hook with this program.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string_view>

using namespace std::string_view_literals;

int main(int argc, char** argv) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (argc != 2 || std::strlen(argv[1]) >= sizeof(address.sun_path)) return 2;
  std::strcpy(address.sun_path, argv[1]);  // NOLINT: measured above
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return 1;
  // The client's preface and an empty SETTINGS frame (RFC 9113, 3.4).
  constexpr auto preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"sv;
  if (write(fd, preface.data(), preface.size()) != static_cast<ssize_t>(preface.size())) return 1;
  std::array<char, 256> greeting{};
  return read(fd, greeting.data(), greeting.size()) > 0 ? 0 : 1;
}
