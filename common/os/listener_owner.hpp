// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace jackin::os {

/// The address of a listening TCP socket, in the text form of inet_pton: "127.0.0.1", "::1".
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

/// Returns the users whose sockets receive connections to `address`, according to the system's tables of TCP sockets.
/// These are the sockets bound to that address, or else those bound to any address. Empty: the tables have no such
/// socket. Nothing: the system has no such tables (macOS). Blocking.
std::optional<std::vector<uid_t>> users_who_listen_at(const ListenAddress& address);

/// The same from the text of /proc/net/tcp and /proc/net/tcp6 (proc(5); addresses are 32-bit numbers in this machine's
/// byte order). Ignores lines that it cannot parse. Pure.
std::vector<uid_t> users_who_listen_at(const ListenAddress& address, std::string_view tcp, std::string_view tcp6);

}  // namespace jackin::os
