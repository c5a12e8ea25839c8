// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "client/rpc/call_status.hpp"
#include "client/rpc/light_session.hpp"
#include "common/os/descriptor.hpp"

namespace google::protobuf {
class MessageLite;
}

namespace jackin::client {

/// Unary gRPC calls on one connected socket, without grpc++ and without a thread: for jackin-hook, which ends after one
/// call and starts before every launch. Not thread-safe.
class LightChannel {
 public:
  using CallId = LightSession::CallId;

  explicit LightChannel(os::Descriptor socket);

  /// Queues a call, whose deadline is `limit` from now. Nothing is sent before `finish`.
  CallId begin(std::string_view path, const google::protobuf::MessageLite& request, std::chrono::milliseconds limit,
               ReplyKind kind = ReplyKind::open);

  /// Sends what is queued in one write, waits for the end of the call, and parses its reply. Blocking, until the call's
  /// deadline. The caller wipes a secret in `reply`. Call it once for each call; not again after a failed one.
  CallEnd finish(CallId id, google::protobuf::MessageLite& reply);

 private:
  using Clock = std::chrono::steady_clock;

  void send_output();
  void receive();

  os::Descriptor socket_;
  LightSession session_;
  std::string output_;  // queued for the socket
  std::map<CallId, Clock::time_point> deadlines_;
};

}  // namespace jackin::client
