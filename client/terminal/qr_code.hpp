// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jackin::client {

/// `text` as a QR code of half blocks, one string a terminal line, dark on light whatever the terminal's own colours
/// are (it carries its colours, since a scanner needs them; NO_COLOR is about adornment). Empty when it cannot be made.
struct QrCode {
  std::vector<std::string> lines;
  int columns = 0;
};
QrCode qr_code(std::string_view text);

}  // namespace jackin::client
