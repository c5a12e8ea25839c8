// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>

#include "common/os/listener_owner.hpp"

namespace jackin::os {
namespace {

std::optional<std::string> text_of(const char* path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::optional<std::vector<uid_t>> users_who_listen_at(const ListenAddress& address) {
  const auto tcp = text_of("/proc/net/tcp");
  if (!tcp) return std::nullopt;
  // A kernel without IPv6 has no second table.
  return users_who_listen_at(address, *tcp, text_of("/proc/net/tcp6").value_or(std::string()));
}

}  // namespace jackin::os
