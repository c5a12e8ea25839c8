// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/greeting.hpp"

#include <algorithm>
#include <array>

namespace jackin::ipc {
namespace {

constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
static_assert(preface.size() == 24);

constexpr unsigned settings_type = 4;
constexpr unsigned ack_flag = 1;
constexpr unsigned setting_size = 6;
constexpr unsigned largest_frame = 16'384;  // until the peer allows more (RFC 9113, 4.2)

}  // namespace

Greeting judge_greeting(std::string_view first) {
  const auto begun = first.substr(0, preface.size());
  if (!preface.starts_with(begun)) return Greeting::foreign;
  if (first.size() < greeting_size) return Greeting::incomplete;
  std::array<unsigned, 9> header{};
  std::transform(first.begin() + preface.size(), first.begin() + greeting_size, header.begin(),
                 [](char byte) { return static_cast<unsigned char>(byte); });
  const unsigned length = header[0] << 16U | header[1] << 8U | header[2];
  const unsigned stream = (header[5] & 0x7fU) | header[6] | header[7] | header[8];
  const bool is_settings = length <= largest_frame && length % setting_size == 0 && header[3] == settings_type &&
                           (header[4] & ack_flag) == 0 && stream == 0;
  return is_settings ? Greeting::http2 : Greeting::foreign;
}

}  // namespace jackin::ipc
