// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/qr_code.hpp"

#include <qrencode.h>

#include <memory>

namespace jackin::client {
namespace {

// The standard requires a quiet zone of 4 modules (ISO/IEC 18004). Phones can read 2, and a terminal has few rows.
constexpr int quiet = 2;

}  // namespace

QrCode qr_code(std::string_view text) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString8bit(std::string(text).c_str(), 0, QR_ECLEVEL_L), &QRcode_free);
  if (!code) return {};
  const int width = code->width;
  const auto is_dark = [&](int row, int column) {
    if (row < 0 || column < 0 || row >= width || column >= width) return false;
    return (code->data[row * width + column] & 1) != 0;
  };

  QrCode drawn;
  drawn.columns = width + 2 * quiet;
  for (int row = -quiet; row < width + quiet; row += 2) {
    std::string line = "\x1b[30;107m";  // black on bright white
    for (int column = -quiet; column < width + quiet; ++column) {
      const bool upper = is_dark(row, column);
      const bool lower = is_dark(row + 1, column);
      line += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    drawn.lines.push_back(line + "\x1b[0m");
  }
  return drawn;
}

}  // namespace jackin::client
