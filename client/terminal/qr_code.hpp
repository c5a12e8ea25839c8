// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jackin::client {

/// `text` as a QR code of half blocks, one string for each row of the terminal, dark on light. It contains colours even
/// with NO_COLOR, because a scanner needs them. Empty if `text` does not fit into a code.
struct QrCode {
  std::vector<std::string> lines;
  int columns = 0;
};
QrCode qr_code(std::string_view text);

}  // namespace jackin::client
