// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/ipc/raw_client.hpp"

namespace jackin::test {
namespace {

using namespace std::string_view_literals;

enum class Frame : unsigned char { data = 0, headers = 1, settings = 4, window_update = 8 };

constexpr unsigned char end_stream = 1;
constexpr unsigned char end_headers = 4;
constexpr std::uint32_t largest_window = 0x7fffffff;
constexpr std::uint32_t first_window = 65'535;

std::string number(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    text += static_cast<char>(value >> static_cast<unsigned>(shift));
  return text;
}

std::string frame(Frame type, unsigned char flags, std::uint32_t stream, std::string_view payload) {
  std::string text = number(static_cast<std::uint32_t>(payload.size()), 3);
  text += static_cast<char>(type);
  text += static_cast<char>(flags);
  return text.append(number(stream, 4)).append(payload);
}

// A header of the static table by its index; its value is literal and in no table.
std::string header(std::string_view index, std::string_view value) {
  return std::string(index).append(number(static_cast<std::uint32_t>(value.size()), 1)).append(value);
}

}  // namespace

std::string http2_greeting() {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(Frame::settings, 0, 0, number(4, 2) + number(largest_window, 4)) +
         frame(Frame::window_update, 0, 0, number(largest_window - first_window, 4));
}

std::string http2_call(std::uint32_t stream, std::string_view path) {
  const std::string block = "\x83\x86" + header("\x04", path) + header("\x01", "jackind") +
                            header("\x0f\x10", "application/grpc") + header("\x00\x02te"sv, "trailers");
  return frame(Frame::headers, end_headers, stream, block);
}

std::string http2_request(std::uint32_t stream, std::string_view message) {
  const std::string text = '\0' + number(static_cast<std::uint32_t>(message.size()), 4) + std::string(message);
  return frame(Frame::data, end_stream, stream, text);
}

}  // namespace jackin::test
