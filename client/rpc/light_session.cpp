// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/light_session.hpp"

#include <nghttp2/nghttp2.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <new>
#include <utility>
#include <variant>

#include "common/secret.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

// Before each message: whether it is compressed, and its size.
constexpr std::size_t prefix_size = 5;
constexpr std::string_view http1 = "HTTP/";
constexpr std::size_t debug_text_limit = 200;
// Of locked memory for a reply. A larger one grows as its bytes arrive, whatever size it claims.
constexpr std::size_t first_block = std::size_t{16} * 1024;

CallFailure refused(Reason reason, std::string message) {
  return {{reason, std::move(message), Remedy::restart_daemon()}};
}

CallFailure not_jackind(const std::string& what) {
  return refused(Reason::daemon_unreachable,
                 "the process that listens on the socket " + what + ", so it is not jackind");
}

CallFailure not_grpc(const std::string& why) {
  return refused(Reason::internal, "jackind's answer is not valid gRPC: " + why);
}

CallFailure lost() {
  return call_end(CallStatus{StatusCode::unavailable}).error();
}

// The name of an HTTP/2 error code; never a null pointer.
std::string name_of(std::uint32_t error_code) {
  return nghttp2_http2_strerror(error_code);
}

// A stream that was closed before its end.
CallFailure aborted(std::uint32_t error_code) {
  if (error_code == NGHTTP2_REFUSED_STREAM) return lost();
  if (error_code != NGHTTP2_CANCEL)
    return refused(Reason::internal, "jackind aborted the call: " + name_of(error_code));
  // A gRPC server that shuts down cancels its pending calls.
  CallFailure cancelled = refused(Reason::cancelled, "jackind cancelled the call");
  cancelled.lost = true;
  return cancelled;
}

// The value of a header whose name ends in -bin. Servers may send the padding.
std::optional<std::string> from_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(), nullptr,
                        &size, nullptr, sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  return bytes;
}

// The value of grpc-message. What is not valid stays as it is (PROTOCOL-HTTP2.md).
std::string from_percent(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    std::uint8_t byte = 0;
    if (text.front() == '%' && text.size() >= 3 &&
        std::from_chars(text.data() + 1, text.data() + 3, byte, 16).ptr == text.data() + 3) {
      plain += static_cast<char>(byte);
      text.remove_prefix(3);
    } else {
      plain += text.front();
      text.remove_prefix(1);
    }
  }
  return plain;
}

std::optional<int> number_in(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

nghttp2_nv field(std::string_view name, std::string_view value) {
  // The parameters are not const for historical reasons; libnghttp2 copies what they point to.
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// For calls that fail only when no memory is left.
void expect(int result) {
  if (result < 0) throw std::bad_alloc();
}

}  // namespace

struct LightSession::Call {
  std::string request;
  std::size_t sent = 0;

  std::optional<int> http_status;
  bool is_grpc = false;
  std::optional<int> status;
  std::string message;
  std::string details;

  std::array<char, prefix_size> prefix{};
  std::size_t prefix_filled = 0;
  std::size_t size = 0;
  std::variant<std::string, Secret> reply;
  std::optional<CallEnd> end;

  std::string_view received() const {
    if (const auto* secret = std::get_if<Secret>(&reply)) return secret->view();
    return std::get<std::string>(reply);
  }

  bool has_whole_reply() const { return prefix_filled == prefix_size && received().size() == size; }

  void fail(CallFailure failure) {
    if (!end) end = tl::unexpected(std::move(failure));
  }

  void take_header(std::string_view name, std::string_view value) {
    if (name == ":status") {
      http_status = number_in(value);
    } else if (name == "content-type") {
      is_grpc = value.starts_with("application/grpc");
    } else if (name == "grpc-status") {
      status = number_in(value).value_or(static_cast<int>(StatusCode::unknown));
    } else if (name == "grpc-message") {
      message = from_percent(value);
    } else if (name == "grpc-status-details-bin") {
      details = from_base64(value).value_or(std::string());
    }
  }

  // The daemon has ended its side.
  CallEnd judge() const {
    if (http_status && *http_status != 200) {
      return tl::unexpected(
          not_jackind("answers with the HTTP status " + std::to_string(*http_status) + " instead of gRPC"));
    }
    if (!is_grpc) return tl::unexpected(not_grpc("it has another content type"));
    if (!status) return tl::unexpected(not_grpc("it has no status"));
    if (*status != static_cast<int>(StatusCode::ok)) {
      return call_end(CallStatus{static_cast<StatusCode>(*status), message, details});
    }
    if (!has_whole_reply()) return tl::unexpected(refused(Reason::internal, "jackind's answer is incomplete"));
    return {};
  }
};

// libnghttp2 calls these within `receive` and `take_output`.
struct LightSession::Callbacks {
  static LightSession& session_of(void* user) { return *static_cast<LightSession*>(user); }

  static Call* call_of(void* user, std::int32_t id) {
    auto& calls = session_of(user).calls_;
    const auto found = calls.find(id);
    return found == calls.end() ? nullptr : found->second.get();
  }

  static int on_frame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
    LightSession& self = session_of(user);
    if (frame->hd.type == NGHTTP2_SETTINGS) self.is_greeted_ = true;
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR) {
      const auto text = text_of(frame->goaway.opaque_data, frame->goaway.opaque_data_len);
      std::string message = "jackind closed the connection: " + name_of(frame->goaway.error_code);
      if (!text.empty()) message += " (" + printable(text, debug_text_limit) + ")";
      self.end_all(refused(Reason::internal, std::move(message)));
    }
    Call* call = call_of(user, frame->hd.stream_id);
    const bool can_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (call != nullptr && can_end && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 && !call->end) {
      call->end = call->judge();
    }
    return 0;
  }

  static int on_invalid_frame(nghttp2_session* /*session*/, const nghttp2_frame* frame, int error, void* user) {
    Call* call = call_of(user, frame->hd.stream_id);
    if (call != nullptr) call->fail(not_grpc(nghttp2_strerror(error)));
    return 0;
  }

  static int on_header(nghttp2_session* /*session*/, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t /*flags*/,
                       void* user) {
    Call* call = call_of(user, frame->hd.stream_id);
    if (call != nullptr) call->take_header(text_of(name, name_size), text_of(value, value_size));
    return 0;
  }

  static int on_data(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t id, const std::uint8_t* data,
                     std::size_t size, void* user) {
    Call* call = call_of(user, id);
    if (call != nullptr && !call->end) session_of(user).append_message(*call, text_of(data, size));
    return 0;
  }

  // The daemon, or libnghttp2 for it, has closed a stream.
  static int on_close(nghttp2_session* /*session*/, std::int32_t id, std::uint32_t error_code, void* user) {
    Call* call = call_of(user, id);
    if (call != nullptr) call->fail(aborted(error_code));
    return 0;
  }

  // A call that begins after the daemon has said that it closes the connection.
  static int on_not_sent(nghttp2_session* /*session*/, const nghttp2_frame* frame, int /*error*/, void* user) {
    Call* call = frame->hd.type == NGHTTP2_HEADERS ? call_of(user, frame->hd.stream_id) : nullptr;
    if (call != nullptr) call->fail(lost());
    return 0;
  }

  static ssize_t read_request(nghttp2_session* /*session*/, std::int32_t id, std::uint8_t* buffer, std::size_t size,
                              std::uint32_t* flags, nghttp2_data_source* /*source*/, void* user) {
    Call* call = call_of(user, id);
    // The daemon has answered before it had the whole request.
    if (call == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const std::size_t count = std::min(size, call->request.size() - call->sent);
    std::memcpy(buffer, call->request.data() + call->sent, count);
    call->sent += count;
    if (call->sent == call->request.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }

  static nghttp2_session* make(LightSession& self) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_option* options = nullptr;
    nghttp2_session* session = nullptr;
    expect(nghttp2_session_callbacks_new(&callbacks));
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid_frame);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, on_not_sent);
    expect(nghttp2_option_new(&options));
    nghttp2_option_set_max_deflate_dynamic_table_size(options, 0);
    const int made = nghttp2_session_client_new2(&session, callbacks, &self, options);
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(callbacks);
    expect(made);
    return session;
  }
};

LightSession::LightSession() : session_(Callbacks::make(*this), nghttp2_session_del) {
  constexpr std::array<nghttp2_settings_entry, 2> settings{
      {{NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 0}, {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}}};
  expect(nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, settings.data(), settings.size()));
}

LightSession::~LightSession() = default;

LightSession::CallId LightSession::begin(std::string_view path, std::string_view request,
                                         std::chrono::milliseconds limit, ReplyKind kind) {
  const std::string timeout = std::to_string(limit.count()) + "m";
  const std::array fields{field(":method", "POST"),      field(":scheme", "http"),
                          field(":path", path),          field(":authority", "jackind"),
                          field("te", "trailers"),       field("content-type", "application/grpc"),
                          field("grpc-timeout", timeout)};
  auto call = std::make_unique<Call>();
  if (kind == ReplyKind::secret) call->reply.emplace<Secret>();
  const auto size = static_cast<std::uint32_t>(request.size());
  call->request.reserve(prefix_size + request.size());
  call->request = {'\0', static_cast<char>(size >> 24U), static_cast<char>(size >> 16U), static_cast<char>(size >> 8U),
                   static_cast<char>(size)};
  call->request += request;
  nghttp2_data_provider provider{};
  provider.read_callback = Callbacks::read_request;
  const CallId id = nghttp2_submit_request(session_.get(), nullptr, fields.data(), fields.size(), &provider, nullptr);
  expect(id);
  calls_.emplace(id, std::move(call));
  return id;
}

void LightSession::take_output(std::string& out) {
  const std::uint8_t* bytes = nullptr;
  ssize_t size = 0;
  while ((size = nghttp2_session_mem_send(session_.get(), &bytes)) > 0)
    out += text_of(bytes, static_cast<std::size_t>(size));
  if (size == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
  check_connection();
}

void LightSession::receive(std::span<const char> bytes) {
  if (first_bytes_.size() < http1.size()) {
    first_bytes_.append(bytes.data(), std::min(bytes.size(), http1.size() - first_bytes_.size()));
    if (first_bytes_ == http1) return end_all(not_jackind("answers with HTTP/1"));
  }
  const ssize_t handled =
      nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (handled == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
  if (handled < 0) {
    end_all(is_greeted_ ? refused(Reason::internal, "jackind sent data that is not valid HTTP/2")
                        : not_jackind("does not speak HTTP/2"));
  }
}

void LightSession::close() {
  end_all(lost());
}

std::optional<CallEnd> LightSession::end_of(CallId id) const {
  return calls_.at(id)->end;
}

std::string_view LightSession::reply_of(CallId id) const {
  return calls_.at(id)->received();
}

void LightSession::forget(CallId id) {
  calls_.erase(id);
}

void LightSession::append_message(Call& call, std::string_view bytes) {
  while (!bytes.empty() && call.prefix_filled < prefix_size) {
    call.prefix.at(call.prefix_filled++) = bytes.front();
    bytes.remove_prefix(1);
    if (call.prefix_filled < prefix_size) continue;
    for (std::size_t i = 1; i < prefix_size; ++i)
      call.size = call.size << 8U | static_cast<std::uint8_t>(call.prefix.at(i));
    if (call.prefix.front() != 0) return call.fail(not_grpc("it is compressed"));
    if (call.size > largest_reply) {
      return call.fail(refused(
          Reason::internal, "jackind's answer is larger than " + std::to_string(largest_reply / 1024 / 1024) + " MiB"));
    }
    auto* secret = std::get_if<Secret>(&call.reply);
    if (secret != nullptr && call.size > 0) secret->prepare(std::min(call.size, first_block));
  }
  if (bytes.size() > call.size - call.received().size()) return call.fail(not_grpc("it has several messages"));
  std::visit([bytes](auto& reply) { reply.append(bytes); }, call.reply);
}

void LightSession::end_all(const CallFailure& failure) {
  for (auto& [id, call] : calls_) call->fail(failure);
}

// After an error of the connection libnghttp2 reads and writes no more.
void LightSession::check_connection() {
  if (nghttp2_session_want_read(session_.get()) != 0 || nghttp2_session_want_write(session_.get()) != 0) return;
  end_all(is_greeted_ ? refused(Reason::internal, "jackind sent data that is not valid HTTP/2")
                      : not_jackind("does not speak HTTP/2"));
}

}  // namespace jackin::client
