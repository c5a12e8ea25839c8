// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/client/rpc/session_input.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "client/rpc/light_session.hpp"

namespace jackin::client {

bool handle_session_input(std::string_view input) {
  if (input.empty()) return true;
  const std::size_t piece = std::size_t{static_cast<std::uint8_t>(input.front())} + 1;
  input.remove_prefix(1);
  LightSession session;
  const auto open = session.begin("/jackin.v1.DaemonService/Hello", "request", std::chrono::seconds(30));
  const auto secret =
      session.begin("/jackin.v1.LaunchService/Prepare", "request", std::chrono::seconds(30), ReplyKind::secret);
  std::string out;
  session.take_output(out);
  while (!input.empty()) {
    const std::string_view next = input.substr(0, std::min(piece, input.size()));
    session.receive(next);
    session.take_output(out);
    input.remove_prefix(next.size());
  }
  session.close();
  std::size_t size = 0;
  for (const auto call : {open, secret}) {
    const auto end = session.end_of(call);
    if (!end) return false;
    // A call without an error has its whole reply; a failed one says why.
    if (*end) {
      size += session.reply_of(call).size();
    } else if (end->error().error.message.empty()) {
      return false;
    }
  }
  return size <= 2 * largest_reply;
}

}  // namespace jackin::client
