// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "client/rpc/call_status.hpp"

struct nghttp2_session;

namespace jackin::client {

/// Whether a reply can carry a secret. Such a reply is received into a Secret, which costs several system calls.
enum class ReplyKind { open, secret };

/// The client's side of gRPC's protocol for unary calls (PROTOCOL-HTTP2.md in gRPC's sources) on one connection: bytes
/// in, bytes out. It knows no socket and no clock. HTTP/2 itself is libnghttp2's work. No header enters a compression
/// table on either side. Not thread-safe.
class LightSession {
 public:
  using CallId = std::int32_t;

  LightSession();
  LightSession(const LightSession&) = delete;
  LightSession& operator=(const LightSession&) = delete;
  ~LightSession();

  /// Queues a call of `path` ("/package.Service/Method") with a serialised request. The daemon gives up after `limit`.
  CallId begin(std::string_view path, std::string_view request, std::chrono::milliseconds limit,
               ReplyKind kind = ReplyKind::open);

  /// Moves the bytes to send into `out`, which it appends to.
  void take_output(std::string& out);

  /// Handles bytes from the daemon. An error of the connection ends all calls. Call `take_output` afterwards: what
  /// libnghttp2 itself refuses ends only there.
  void receive(std::span<const char> bytes);

  /// The daemon has closed the connection: the calls that still last are lost.
  void close();

  /// How the call ended; nothing while it lasts.
  std::optional<CallEnd> end_of(CallId id) const;

  /// The serialised reply of a call that ended well. Valid until `forget`.
  std::string_view reply_of(CallId id) const;

  /// Drops a call that has ended, and its reply.
  void forget(CallId id);

 private:
  struct Call;
  struct Callbacks;

  void append_message(Call& call, std::string_view bytes);
  void end_all(const CallFailure& failure);
  void check_connection();

  std::unique_ptr<nghttp2_session, void (*)(nghttp2_session*)> session_;
  std::map<CallId, std::unique_ptr<Call>> calls_;
  std::string first_bytes_;  // of the connection, to tell HTTP/1 from HTTP/2
  bool is_greeted_ = false;  // by SETTINGS
};

}  // namespace jackin::client
