// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace jackin::client {

// The bytes of a gRPC server, one function for each kind of frame, so that a test can send any of them, at any place
// (RFC 9113, RFC 7541, and gRPC's PROTOCOL-HTTP2.md).

enum class FrameType : std::uint8_t {
  data = 0,
  headers = 1,
  rst_stream = 3,
  settings = 4,
  ping = 6,
  goaway = 7,
  window_update = 8,
  continuation = 9,
};
constexpr std::uint8_t end_stream = 1;
constexpr std::uint8_t end_headers = 4;

std::string frame(FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload = {});
/// A number of 32 bits, as frames carry it.
std::string number(std::uint32_t value);
/// A header that is literal and in no table. Name and value have at most 126 bytes.
std::string header(std::string_view name, std::string_view value);

/// The server's SETTINGS, its first frame.
std::string settings();
/// The headers of a reply, before its message.
std::string reply_headers(std::uint32_t stream);
/// A message with its prefix of five bytes.
std::string message_bytes(std::string_view message);
/// The headers that end a reply.
std::string trailers(std::uint32_t stream, std::string_view grpc_status = "0");
/// A whole reply: headers, message, trailers.
std::string reply(std::uint32_t stream, std::string_view message);
/// A call that failed: headers alone, with a serialised ErrorDetail.
std::string refusal(std::uint32_t stream, std::string_view grpc_status, std::string_view details);

/// The types and streams of the frames in `bytes` that a client sent behind its preface. A frame that is not complete
/// is left out.
struct SeenFrame {
  FrameType type;
  std::uint8_t flags;
  std::uint32_t stream;
};
std::vector<SeenFrame> frames_in(std::string_view bytes);

/// Listens at `path`, and runs a script for each client, on one thread, one client after the other. A script gets the
/// connected descriptor. After a script the connection is closed.
class ScriptedDaemon {
 public:
  using Script = std::function<void(int client)>;
  ScriptedDaemon(const std::filesystem::path& path, Script script);
  ScriptedDaemon(const ScriptedDaemon&) = delete;
  ScriptedDaemon& operator=(const ScriptedDaemon&) = delete;
  ~ScriptedDaemon();

  int clients() const { return clients_; }

 private:
  void serve();

  Script script_;
  int listening_;
  std::atomic<int> clients_ = 0;
  std::thread thread_;
};

/// For scripts. Sends all of `bytes`. False when the client has closed the connection.
bool send_all(int client, std::string_view bytes);
/// Reads until the client closes the connection.
void read_to_end(int client);
/// Reads nothing until the client closes the connection.
void wait_for_close(int client);
/// Reads until the client has sent its whole request on `stream`; returns all bytes, without the preface.
std::string read_request(int client, std::uint32_t stream);
/// Reads what has arrived already.
std::string read_present(int client);

}  // namespace jackin::client
