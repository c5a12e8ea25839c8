// SPDX-License-Identifier: Apache-2.0
#include "common/os/listener_owner.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <charconv>
#include <cstring>
#include <sstream>
#include <utility>

namespace jackin::os {
namespace {

constexpr std::string_view listening = "0A";  // TCP_LISTEN

// An IPv6 address in network byte order; an IPv4 address as ::ffff:a.b.c.d.
using Address = std::array<unsigned char, 16>;

constexpr Address any_v6{};
constexpr Address any_v4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<Address> address_from(const std::string& host) {
  Address address = any_v4;
  if (inet_pton(AF_INET, host.c_str(), &address[12]) == 1) return address;
  if (inet_pton(AF_INET6, host.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

template <typename Number>
std::optional<Number> number_from(std::string_view text, int base) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Parses "0100007F:1F90", and the same with 32 digits.
std::optional<std::pair<Address, std::uint16_t>> end_from(std::string_view text) {
  constexpr std::size_t word = 8;
  const auto colon = text.find(':');
  if (colon != word && colon != 4 * word) return std::nullopt;
  Address address = any_v4;
  unsigned char* into = colon == word ? &address[12] : address.data();
  for (std::size_t at = 0; at < colon; at += word, into += sizeof(std::uint32_t)) {
    const auto part = number_from<std::uint32_t>(text.substr(at, word), 16);
    if (!part) return std::nullopt;
    std::memcpy(into, &*part, sizeof(*part));
  }
  const auto port = number_from<std::uint16_t>(text.substr(colon + 1), 16);
  if (!port) return std::nullopt;
  return std::pair(address, *port);
}

}  // namespace

std::vector<uid_t> users_who_listen_at(const ListenAddress& wanted, std::string_view tcp, std::string_view tcp6) {
  const auto address = address_from(wanted.host);
  if (!address) return {};
  const bool is_v4 = std::memcmp(address->data(), any_v4.data(), 12) == 0;
  // The kernel prefers the more specific address (inet_hashtables.c, compute_score).
  std::vector<uid_t> at_this;
  std::vector<uid_t> at_any_v4;
  std::vector<uid_t> at_any;
  for (const std::string_view table : {tcp, tcp6}) {
    std::istringstream lines{std::string(table)};
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string number, local, remote, state, queues, timer, retransmits, user;
      words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user;
      if (state != listening) continue;
      const auto end = end_from(local);
      const auto uid = number_from<uid_t>(user, 10);
      if (!end || !uid || end->second != wanted.port) continue;
      if (end->first == *address) at_this.push_back(*uid);
      if (end->first == any_v4 && is_v4) at_any_v4.push_back(*uid);
      if (end->first == any_v6) at_any.push_back(*uid);
    }
  }
  if (!at_this.empty()) return at_this;
  return at_any_v4.empty() ? at_any : at_any_v4;
}

}  // namespace jackin::os
