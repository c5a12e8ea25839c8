// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/api_url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <system_error>

namespace jackin::config {
namespace {

// "127.0.0.1", "127.1.2.3": four numbers, the first 127.
bool is_loopback_v4(std::string_view host) {
  int parts = 0;
  bool first = true;
  while (!host.empty()) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(host.data(), host.data() + host.size(), value);
    if (error != std::errc() || value > 255 || (first && value != 127)) return false;
    first = false;
    ++parts;
    host.remove_prefix(static_cast<std::size_t>(end - host.data()));
    if (host.empty()) break;
    if (host.front() != '.' || host.size() == 1) return false;
    host.remove_prefix(1);
  }
  return parts == 4;
}

struct Url {
  bool secure = false;
  std::string host;  // lower case, with the brackets of an IPv6 address
};

std::optional<Url> parse_url(std::string_view text) {
  Url url;
  if (text.starts_with("https://")) {
    url.secure = true;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  // A backslash or user information can disguise a host as another.
  const auto is_odd = [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\' || c == '@';
  };
  if (std::any_of(text.begin(), text.end(), is_odd)) return std::nullopt;
  std::string_view authority = text.substr(0, text.find_first_of("/?#"));
  if (text.find_first_of("?#") != std::string_view::npos) return std::nullopt;
  const bool is_v6 = authority.starts_with('[');
  const auto host_end = is_v6 ? authority.find(']') : authority.find(':');
  if (is_v6 && host_end == std::string_view::npos) return std::nullopt;
  std::string_view host = authority.substr(0, is_v6 ? host_end + 1 : host_end);
  std::string_view port = authority.substr(host.size());
  if (!port.empty()) {
    unsigned number = 0;
    if (!port.starts_with(':')) return std::nullopt;
    port.remove_prefix(1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc() || end != port.data() + port.size() || number == 0 || number > 65535) return std::nullopt;
  }
  if (host.empty()) return std::nullopt;
  for (const char c : host) url.host += static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  return url;
}

bool is_loopback(const Url& url) {
  return url.host == "localhost" || url.host == "[::1]" || is_loopback_v4(url.host);
}

}  // namespace

bool is_loopback_url(std::string_view text) {
  const auto url = parse_url(text);
  return url && is_loopback(*url);
}

bool is_acceptable_api_url(std::string_view text) {
  const auto url = parse_url(text);
  return url && (url->secure || is_loopback(*url));
}

}  // namespace jackin::config
