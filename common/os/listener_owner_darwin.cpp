// SPDX-License-Identifier: Apache-2.0
#include "common/os/listener_owner.hpp"

namespace jackin::os {

// Only root can see other users' sockets (proc_pidfdinfo).
std::optional<std::vector<uid_t>> users_who_listen_at(const ListenAddress&) {
  return std::nullopt;
}

}  // namespace jackin::os
