// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "client/rpc/call_status.hpp"
#include "client/rpc/daemon_socket.hpp"
#include "client/rpc/light_channel.hpp"
#include "common/environment.hpp"
#include "common/paths.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// A connection to this user's daemon over LightChannel, with the rules of `Connection`: Hello is the first call, and a
/// daemon that ends meanwhile is looked for again. It starts a daemon when there is none. Not thread-safe.
class LightConnection {
 public:
  /// `environment` must outlive the connection.
  LightConnection(const Environment& environment, Paths paths) : environment_(environment), paths_(std::move(paths)) {}

  /// Connects, unless it is connected, without Hello. Errors: those of `connect_to_daemon`.
  Result<> connect();

  /// Makes a call that changes nothing, without a secret in request or reply. The call is sent together with Hello when
  /// this is the first; its answer counts only after Hello's. Repeated like `ask` of connection.hpp. Blocking; `limit`
  /// applies to each attempt. Errors: those of connect, daemon_mismatch, and those of the call.
  Result<> ask(std::string_view path, const google::protobuf::MessageLite& request,
               google::protobuf::MessageLite& reply, std::chrono::milliseconds limit = std::chrono::seconds(30));

  /// Makes a call once, whose request and reply may carry secrets. It is sent only after Hello was answered; Hello is
  /// repeated like a call of `ask`. The caller wipes `reply`. Errors: as ask.
  Result<> call(std::string_view path, const google::protobuf::MessageLite& request,
                google::protobuf::MessageLite& reply, std::chrono::milliseconds limit);

 private:
  struct Request {
    std::string_view path;
    const google::protobuf::MessageLite& message;
    google::protobuf::MessageLite& reply;
    std::chrono::milliseconds limit;
    ReplyKind kind;
  };
  CallEnd attempt(const Request* request);
  CallEnd exchange(const Request* request);

  const Environment& environment_;
  Paths paths_;
  std::optional<LightChannel> channel_;
  bool is_greeted_ = false;
};

}  // namespace jackin::client
