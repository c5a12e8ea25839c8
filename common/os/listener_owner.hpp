// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace jackin::os {

/// A listening TCP socket's address, as text that inet_pton takes: "127.0.0.1", "::1".
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

/// The users whose sockets listen for what connects to `address`, by the system's tables of TCP sockets: those bound to
/// that very address, else those to any address. Empty: none is in the tables; nothing: the system has no such tables
/// (macOS). Blocking.
std::optional<std::vector<uid_t>> users_who_listen_at(const ListenAddress& address);

/// The same from the text of /proc/net/tcp and /proc/net/tcp6 (proc(5); the addresses are printed as 32-bit numbers of
/// this machine's byte order). Lines that are not understood count for nothing. Pure.
std::vector<uid_t> users_who_listen_at(const ListenAddress& address, std::string_view tcp, std::string_view tcp6);

}  // namespace jackin::os
