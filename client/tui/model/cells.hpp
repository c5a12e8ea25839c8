// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/terminal/style.hpp"

namespace jackin::tui {

using client::CellSize;

/// A colour as an escape sequence specifies it.
struct CellColor {
  enum class Kind : std::uint8_t {
    standard,  ///< The terminal's default.
    indexed,   ///< `value` is 0 to 255, the terminal's palette.
    rgb,       ///< `value` is 0xRRGGBB.
  };
  Kind kind = Kind::standard;
  std::uint32_t value = 0;
  friend bool operator==(const CellColor&, const CellColor&) = default;
};

struct CellStyle {
  CellColor foreground{};
  CellColor background{};
  bool bold = false;
  bool dim = false;
  bool italic = false;
  bool underline = false;
  bool reverse = false;
  bool strike = false;
  friend bool operator==(const CellStyle&, const CellStyle&) = default;
};

/// One cell: a character and the combining characters that follow it. Empty for the right half of a wide character.
struct Cell {
  std::string text = " ";
  CellStyle style{};
  friend bool operator==(const Cell&, const Cell&) = default;
};

struct CellPosition {
  int row = 0;
  int column = 0;
  friend bool operator==(const CellPosition&, const CellPosition&) = default;
};

/// A part of a screen as a value: cells, and the cursor if it is visible.
class Cells {
 public:
  Cells() = default;
  /// Blank cells. A negative size counts as 0.
  explicit Cells(CellSize size);

  CellSize size() const noexcept { return size_; }
  Cell& at(int row, int column) { return cells_[index(row, column)]; }
  const Cell& at(int row, int column) const { return cells_[index(row, column)]; }

  /// Makes `text` drawable and writes it from this cell on, up to the end of the row. A wide character that does not
  /// fit becomes a blank.
  void write(int row, int column, std::string_view text, const CellStyle& style = {});

  /// The text of a row, without blanks at its end.
  std::string text_of(int row) const;
  /// Whether nothing is seen of a row: neither text nor, as in a bar, a style.
  bool is_blank(int row) const;

  std::optional<CellPosition> cursor{};

  friend bool operator==(const Cells&, const Cells&) = default;

 private:
  std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(size_.columns) + static_cast<std::size_t>(column);
  }

  CellSize size_{0, 0};
  std::vector<Cell> cells_;
};

/// The first character of drawable `text` with the combining characters that follow it; its width is 1 or 2.
struct Glyph {
  std::string_view text;
  int width = 1;
};
Glyph first_glyph(std::string_view text);

}  // namespace jackin::tui
