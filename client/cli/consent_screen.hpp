// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "client/terminal/frame_view.hpp"
#include "client/terminal/qr_code.hpp"
#include "client/terminal/style.hpp"

namespace jackin::client {

/// What is above claude's screen while claude asks for consent. Each text but the link takes one row, and is empty
/// when there is nothing to say. Texts are drawable.
struct ConsentHeader {
  std::string step;
  std::string heading;  ///< The purpose of the link.
  std::string link;
  bool hyperlinks = true;  ///< Whether the link is also an OSC 8 hyperlink.
  std::string qr;          ///< Why the QR code is not shown.
  std::string keys;        ///< The keys that are not claude's.
};

/// The header, and below it the end of claude's screen, in at most `size.rows` rows. The whole link and claude's last
/// row always have a place; where rows are few, the rest of the header is left out, line by line. Where the link itself
/// does not fit, a line that says so is in its place.
ScreenLines consent_screen(const ConsentHeader& header, const FrameView& claude, CellSize size,
                           const OutputStyle& output);

/// The first text that fits into `columns`, else the beginning of the last one.
std::string fitting(std::initializer_list<std::string_view> texts, int columns);

/// The QR code of a link on a screen of its own: whether it fits, what is missing, and its bytes.
class QrScreen {
 public:
  explicit QrScreen(std::string_view link) : code_(qr_code(link)) {}

  bool fits(CellSize size) const;
  /// The rows and columns that the terminal lacks, in at most `columns` columns; empty when the code fits.
  std::string lack(CellSize size) const;
  /// Draws the code on an empty screen that it fits into.
  std::string drawn(CellSize size) const;

 private:
  int rows() const { return static_cast<int>(code_.lines.size()) + 1; }

  QrCode code_;
};

}  // namespace jackin::client
