// The least that a client of a Unix socket can do: connect, read what the server says first, end. What jackin-hook is
// measured against.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

int main(int argc, char** argv) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (argc != 2 || std::strlen(argv[1]) >= sizeof(address.sun_path)) return 2;
  std::strcpy(address.sun_path, argv[1]);  // NOLINT: measured above
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return 1;
  std::array<char, 256> greeting{};
  return read(fd, greeting.data(), greeting.size()) > 0 ? 0 : 1;
}
