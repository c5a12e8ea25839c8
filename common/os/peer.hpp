// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "common/result.hpp"

namespace jackin::os {

/// The process at the other end of a Unix socket, as the kernel recorded it at connect.
struct PeerCredentials {
  uid_t uid = 0;
  pid_t pid = 0;  ///< 0 when the system does not provide it. For information only: the system can reuse a pid.
};

/// SO_PEERCRED on Linux; getpeereid and LOCAL_PEERPID on macOS. Errors: io_failed.
Result<PeerCredentials> peer_credentials(int socket);

}  // namespace jackin::os
