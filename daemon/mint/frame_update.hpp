// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/process/pty.hpp"

namespace jackin::mint {

/// One of the terminal's 256 palette colours, or 0xRRGGBB.
struct PaletteColor {
  std::uint8_t index = 0;
  friend bool operator==(const PaletteColor&, const PaletteColor&) = default;
};
struct RgbColor {
  std::uint32_t rgb = 0;
  friend bool operator==(const RgbColor&, const RgbColor&) = default;
};
using Color = std::variant<PaletteColor, RgbColor>;

struct Style {
  std::optional<Color> foreground;  ///< Nothing: the terminal's default.
  std::optional<Color> background;
  bool bold = false;
  bool dim = false;
  bool italic = false;
  bool underline = false;
  bool reverse = false;
  bool strike = false;
  friend bool operator==(const Style&, const Style&) = default;
};

/// Text of one style, UTF-8, printable, already masked.
struct StyledRun {
  std::string text;
  Style style;
  friend bool operator==(const StyledRun&, const StyledRun&) = default;
};

struct FrameRow {
  int row = 0;
  std::vector<StyledRun> runs;  ///< From column 0; the rest of the row is blank.
  friend bool operator==(const FrameRow&, const FrameRow&) = default;
};

/// The rows of claude's screen that changed since the previous update. The first update, and the first one after a
/// resize, contains all rows. Contains no part of a token.
struct FrameUpdate {
  TerminalSize size;
  std::vector<FrameRow> rows;
  int cursor_row = 0;
  int cursor_column = 0;
  bool cursor_visible = true;
};

}  // namespace jackin::mint
