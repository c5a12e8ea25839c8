// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/client/rpc/scripted_daemon.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sodium.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <utility>

namespace jackin::client {
namespace {

constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t frame_header_size = 9;

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes.at(at));
}

std::string base64(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  text.pop_back();  // the zero byte
  return text;
}

// The length of a string in HPACK, as an integer with a prefix of 7 bits (RFC 7541, 5.1).
std::string length(std::size_t size) {
  if (size < 127) return {static_cast<char>(size)};
  std::string bytes{'\x7f'};
  for (size -= 127; size >= 128; size /= 128) bytes += static_cast<char>(size % 128 | 128);
  bytes += static_cast<char>(size);
  return bytes;
}

}  // namespace

std::string frame(FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  std::string bytes = number(static_cast<std::uint32_t>(payload.size())).substr(1);
  bytes += static_cast<char>(type);
  bytes += static_cast<char>(flags);
  return bytes + number(stream) + std::string(payload);
}

std::string number(std::uint32_t value) {
  return {static_cast<char>(value >> 24U), static_cast<char>(value >> 16U), static_cast<char>(value >> 8U),
          static_cast<char>(value)};
}

std::string header(std::string_view name, std::string_view value) {
  return std::string(1, '\0') + length(name.size()) + std::string(name) + length(value.size()) + std::string(value);
}

std::string settings() {
  return frame(FrameType::settings, 0, 0);
}

std::string reply_headers(std::uint32_t stream) {
  return frame(FrameType::headers, end_headers, stream,
               header(":status", "200") + header("content-type", "application/grpc"));
}

std::string message_bytes(std::string_view message) {
  return std::string(1, '\0') + number(static_cast<std::uint32_t>(message.size())) + std::string(message);
}

std::string trailers(std::uint32_t stream, std::string_view grpc_status) {
  return frame(FrameType::headers, end_headers | end_stream, stream, header("grpc-status", grpc_status));
}

std::string reply(std::uint32_t stream, std::string_view message) {
  return reply_headers(stream) + frame(FrameType::data, 0, stream, message_bytes(message)) + trailers(stream);
}

std::string refusal(std::uint32_t stream, std::string_view grpc_status, std::string_view details) {
  return frame(FrameType::headers, end_headers | end_stream, stream,
               header(":status", "200") + header("content-type", "application/grpc") +
                   header("grpc-status", grpc_status) + header("grpc-message", "50%25 of it") +
                   header("grpc-status-details-bin", base64(details)));
}

std::vector<SeenFrame> frames_in(std::string_view bytes) {
  std::vector<SeenFrame> frames;
  while (bytes.size() >= frame_header_size) {
    const std::size_t size = byte_at(bytes, 0) << 16U | byte_at(bytes, 1) << 8U | byte_at(bytes, 2);
    if (bytes.size() < frame_header_size + size) break;
    frames.push_back(
        {static_cast<FrameType>(bytes.at(3)), static_cast<std::uint8_t>(bytes.at(4)),
         byte_at(bytes, 5) << 24U | byte_at(bytes, 6) << 16U | byte_at(bytes, 7) << 8U | byte_at(bytes, 8)});
    bytes.remove_prefix(frame_header_size + size);
  }
  return frames;
}

ScriptedDaemon::ScriptedDaemon(const std::filesystem::path& path, Script script)
    : script_(std::move(script)), listening_(socket(AF_UNIX, SOCK_STREAM, 0)) {
  std::filesystem::create_directories(path.parent_path());
  std::filesystem::remove(path);  // of an earlier one
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  EXPECT_EQ(bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(listen(listening_, 16), 0);
  std::signal(SIGPIPE, SIG_IGN);
  thread_ = std::thread([this] { serve(); });
}

ScriptedDaemon::~ScriptedDaemon() {
  shutdown(listening_, SHUT_RDWR);
  thread_.join();
  close(listening_);
}

void ScriptedDaemon::serve() {
  for (int client = 0; (client = accept(listening_, nullptr, nullptr)) >= 0;) {
    ++clients_;
    script_(client);
    close(client);
  }
}

bool send_all(int client, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = write(client, bytes.data(), bytes.size());
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void read_to_end(int client) {
  std::array<char, 4096> bytes{};
  while (read(client, bytes.data(), bytes.size()) > 0) {
  }
}

void wait_for_close(int client) {
  pollfd closed{client, 0, 0};
  poll(&closed, 1, -1);
}

std::string read_request(int client, std::uint32_t stream) {
  std::string seen;
  std::array<char, 4096> bytes{};
  for (ssize_t got = 0; (got = read(client, bytes.data(), bytes.size())) > 0;) {
    seen.append(bytes.data(), static_cast<std::size_t>(got));
    if (seen.starts_with(preface)) seen.erase(0, preface.size());
    const auto frames = frames_in(seen);
    if (std::any_of(frames.begin(), frames.end(), [&](const SeenFrame& one) {
          return one.stream == stream && one.type == FrameType::data && (one.flags & end_stream) != 0;
        })) {
      break;
    }
  }
  return seen;
}

std::string read_present(int client) {
  std::array<char, 4096> bytes{};
  const ssize_t got = recv(client, bytes.data(), bytes.size(), MSG_DONTWAIT);
  return got > 0 ? std::string(bytes.data(), static_cast<std::size_t>(got)) : std::string();
}

}  // namespace jackin::client
