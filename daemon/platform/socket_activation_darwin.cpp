#include <fcntl.h>
#include <launch.h>
#include <stdlib.h>

#include <utility>

#include "daemon/platform/socket_activation.hpp"

namespace jackin::platform {

std::vector<Descriptor> inherited_sockets() {
  std::vector<Descriptor> sockets;
  int* descriptors = nullptr;
  std::size_t count = 0;
  // ESRCH: not started by launchd; ENOENT: the plist names no such socket.
  if (launch_activate_socket("Listeners", &descriptors, &count) != 0) return sockets;
  for (std::size_t i = 0; i < count; ++i) {
    Descriptor handed(descriptors[i]);
    fcntl(handed.get(), F_SETFD, FD_CLOEXEC);
    if (is_listening_unix_socket(handed.get())) sockets.push_back(std::move(handed));
  }
  free(descriptors);
  return sockets;
}

}  // namespace jackin::platform
