// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <launch.h>
#include <stdlib.h>

#include <utility>

#include "daemon/desktop/socket_activation.hpp"

namespace jackin::desktop {

std::vector<os::Descriptor> inherited_sockets() {
  std::vector<os::Descriptor> sockets;
  int* descriptors = nullptr;
  std::size_t count = 0;
  // ESRCH: not started by launchd; ENOENT: the plist names no such socket.
  if (launch_activate_socket("Listeners", &descriptors, &count) != 0) return sockets;
  for (std::size_t i = 0; i < count; ++i) {
    os::Descriptor handed(descriptors[i]);
    fcntl(handed.get(), F_SETFD, FD_CLOEXEC);
    if (is_listening_unix_socket(handed.get())) sockets.push_back(std::move(handed));
  }
  free(descriptors);
  return sockets;
}

}  // namespace jackin::desktop
