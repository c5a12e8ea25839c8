// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <cerrno>

#include "common/os/peer.hpp"

namespace jackin::os {

Result<PeerCredentials> peer_credentials(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return failure(Reason::io_failed, error_from_errno("cannot identify the connecting process", errno).message);
  }
  // For an unconnected socket the call succeeds with an invalid user (uid and gid -1, pid 0).
  if (peer.uid == static_cast<uid_t>(-1))
    return failure(Reason::io_failed, "cannot identify the connecting process: the socket is not connected");
  return PeerCredentials{peer.uid, peer.pid};
}

}  // namespace jackin::os
