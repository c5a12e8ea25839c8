// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/greeting.hpp"

#include <string>

#include "common/untrusted_text.hpp"
#include "common/version.hpp"

namespace jackin::client {

v1::HelloRequest hello_request(const Paths& paths) {
  v1::HelloRequest request;
  request.set_protocol_major(protocol_major);
  request.set_protocol_minor(protocol_minor);
  request.set_version(std::string(version()));
  request.set_config_dir(paths.config_dir.string());
  request.set_state_dir(paths.state_dir.string());
  request.set_data_dir(paths.data_dir.string());
  return request;
}

Result<> check_greeting(const v1::HelloReply& reply) {
  if (reply.protocol_major() == protocol_major) return {};
  return failure(Reason::daemon_mismatch,
                 "the running daemon is jackind " + printable(reply.version(), 40) + " with protocol " +
                     std::to_string(reply.protocol_major()) + ", this program is " + std::string(version()) +
                     " with protocol " + std::to_string(protocol_major),
                 Remedy::restart_daemon());
}

}  // namespace jackin::client
