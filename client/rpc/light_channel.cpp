// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/light_channel.hpp"

#include <google/protobuf/message_lite.h>
#include <poll.h>
#include <sodium.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace jackin::client {
namespace {

constexpr std::size_t read_size = std::size_t{16} * 1024;

#ifdef __APPLE__
constexpr int no_signal = 0;  // SO_NOSIGPIPE instead
#else
constexpr int no_signal = MSG_NOSIGNAL;
#endif

bool is_transient(int error) {
  return error == EINTR || error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

LightChannel::LightChannel(os::Descriptor socket) : socket_(std::move(socket)) {
#ifdef __APPLE__
  const int on = 1;
  setsockopt(socket_.get(), SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
#endif
}

LightChannel::CallId LightChannel::begin(std::string_view path, const google::protobuf::MessageLite& request,
                                         std::chrono::milliseconds limit, ReplyKind kind) {
  const CallId id = session_.begin(path, request.SerializeAsString(), limit, kind);
  deadlines_[id] = Clock::now() + limit;
  return id;
}

CallEnd LightChannel::finish(CallId id, google::protobuf::MessageLite& reply) {
  const auto deadline = deadlines_.at(id);
  session_.take_output(output_);
  while (!session_.end_of(id)) {
    send_output();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return call_end(CallStatus{StatusCode::deadline_exceeded});
    const short writing = output_.empty() ? 0 : POLLOUT;
    pollfd ready{socket_.get(), static_cast<short>(POLLIN | writing), 0};
    if (poll(&ready, 1, static_cast<int>(left)) <= 0) continue;
    if ((ready.revents & ~POLLOUT) != 0) receive();
    session_.take_output(output_);
  }
  CallEnd end = *session_.end_of(id);
  if (end) {
    const std::string_view bytes = session_.reply_of(id);
    if (!reply.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      end = tl::unexpected(
          CallFailure{{Reason::internal, "jackind's answer cannot be parsed", Remedy::restart_daemon()}});
    }
  }
  session_.forget(id);
  deadlines_.erase(id);
  return end;
}

void LightChannel::send_output() {
  if (output_.empty()) return;
  const ssize_t sent = send(socket_.get(), output_.data(), output_.size(), MSG_DONTWAIT | no_signal);
  if (sent > 0) {
    output_.erase(0, static_cast<std::size_t>(sent));
  } else if (!is_transient(errno)) {
    // What the daemon sent before it closed its end can still be read.
    output_.clear();
  }
}

void LightChannel::receive() {
  std::array<char, read_size> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv
  const ssize_t got = recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got > 0) {
    session_.receive({bytes.data(), static_cast<std::size_t>(got)});
    sodium_memzero(bytes.data(), static_cast<std::size_t>(got));
  } else if (got == 0 || !is_transient(errno)) {
    session_.close();
  }
}

}  // namespace jackin::client
