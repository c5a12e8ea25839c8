// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jackin::client {

/// `text` as a QR code of half blocks, one string a terminal line, dark on light whatever the terminal's colours. It
/// contains colours even with NO_COLOR, because a scanner needs them. Empty when `text` does not fit into a code.
struct QrCode {
  std::vector<std::string> lines;
  int columns = 0;
};
QrCode qr_code(std::string_view text);

}  // namespace jackin::client
