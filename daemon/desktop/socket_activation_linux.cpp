// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "daemon/desktop/socket_activation.hpp"

namespace jackin::desktop {
namespace {

// Removes the variable; returns its value when that is a number of at least 1.
std::optional<int> take_number(const char* name) {
  const char* value = getenv(name);
  if (value == nullptr) return std::nullopt;
  const std::string text = value;
  unsetenv(name);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

}  // namespace

std::vector<os::Descriptor> inherited_sockets() {
  constexpr int first = 3;     // SD_LISTEN_FDS_START
  constexpr int at_most = 64;  // the daemon expects one
  const auto meant_for = take_number("LISTEN_PID");
  const auto count = take_number("LISTEN_FDS");
  unsetenv("LISTEN_FDNAMES");
  std::vector<os::Descriptor> sockets;
  if (!count || meant_for != getpid()) return sockets;
  for (int fd = first; fd < first + std::min(*count, at_most); ++fd) {
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) continue;
    os::Descriptor handed(fd);
    if (is_listening_unix_socket(fd)) sockets.push_back(std::move(handed));
  }
  return sockets;
}

}  // namespace jackin::desktop
