// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

#include "common/os/peer.hpp"

namespace jackin::os {

Result<PeerCredentials> peer_credentials(int socket) {
  PeerCredentials peer;
  gid_t group = 0;
  if (getpeereid(socket, &peer.uid, &group) != 0) {
    return failure(Reason::io_failed, error_from_errno("cannot identify the connecting process", errno).message);
  }
  pid_t pid = 0;
  socklen_t size = sizeof pid;
  if (getsockopt(socket, SOL_LOCAL, LOCAL_PEERPID, &pid, &size) == 0) peer.pid = pid;
  return peer;
}

}  // namespace jackin::os
