// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/light_connection.hpp"

#include "client/rpc/greeting.hpp"
#include "client/rpc/repeat_lost.hpp"

namespace jackin::client {
namespace {

constexpr std::string_view hello_path = "/jackin.v1.DaemonService/Hello";
constexpr std::chrono::seconds hello_limit{30};

}  // namespace

Result<> LightConnection::connect() {
  if (channel_) return {};
  TRY(os::Descriptor socket, connect_to_daemon(environment_, paths_, Autostart::yes));
  channel_.emplace(std::move(socket));
  is_greeted_ = false;
  return {};
}

Result<> LightConnection::ask(std::string_view path, const google::protobuf::MessageLite& request,
                              google::protobuf::MessageLite& reply, std::chrono::milliseconds limit) {
  const Request open{path, request, reply, limit, ReplyKind::open};
  return repeat_lost([&] { return attempt(&open); });
}

Result<> LightConnection::call(std::string_view path, const google::protobuf::MessageLite& request,
                               google::protobuf::MessageLite& reply, std::chrono::milliseconds limit) {
  TRY(repeat_lost([this] { return attempt(nullptr); }));
  const Request secret{path, request, reply, limit, ReplyKind::secret};
  const CallEnd end = attempt(&secret);
  if (!end) return failure(end.error().error);
  return {};
}

// Hello if it is due, and the request if there is one. A channel on which a call failed is not used again.
CallEnd LightConnection::attempt(const Request* request) {
  if (const auto connected = connect(); !connected) return call_end(connected);
  CallEnd end = exchange(request);
  if (!end) channel_.reset();
  return end;
}

CallEnd LightConnection::exchange(const Request* request) {
  std::optional<LightChannel::CallId> hello;
  std::optional<LightChannel::CallId> call;
  if (!is_greeted_) {
    hello = channel_->begin(hello_path, hello_request(paths_), request == nullptr ? hello_limit : request->limit);
  }
  if (request != nullptr) call = channel_->begin(request->path, request->message, request->limit, request->kind);
  if (hello) {
    v1::HelloReply reply;
    if (CallEnd end = channel_->finish(*hello, reply); !end) return end;
    if (CallEnd end = call_end(check_greeting(reply)); !end) return end;
    is_greeted_ = true;
  }
  return call ? channel_->finish(*call, request->reply) : CallEnd();
}

}  // namespace jackin::client
