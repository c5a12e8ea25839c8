// SPDX-License-Identifier: Apache-2.0
#include "daemon/desktop/socket_activation.hpp"

#include <sys/socket.h>
#include <sys/un.h>

namespace jackin::desktop {

bool is_listening_unix_socket(int descriptor) {
  sockaddr_storage address{};
  socklen_t address_size = sizeof address;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &address_size) != 0) return false;
  int type = 0;
  socklen_t type_size = sizeof type;
  if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &type_size) != 0) return false;
  if (address.ss_family != AF_UNIX || type != SOCK_STREAM) return false;
#ifdef SO_ACCEPTCONN
  int listens = 0;
  socklen_t listens_size = sizeof listens;
  if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) == 0) return listens != 0;
#endif
  return true;
}

}  // namespace jackin::desktop
