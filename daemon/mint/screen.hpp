// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/secret.hpp"
#include "daemon/mint/frame_update.hpp"
#include "daemon/process/pty.hpp"

namespace jackin::mint {

/// One cell of the screen, a value. It may contain a character of a token: do not store it.
struct Cell {
  static constexpr std::size_t most_code_points = 6;
  std::array<char32_t, most_code_points> code_points{};  ///< [0] is 0 in a blank cell; combining characters follow.
  int width = 1;                                         ///< In columns; 0 for the right half of a wide character.
  Style style;
};

/// A program's terminal screen, as a value: it takes bytes, holds cells and returns replies to the program. It is
/// independent of claude. It keeps the characters of up to 200 rows that scroll off the top, as *lines* above the
/// screen. Line 0 is the oldest one kept, line `first_row()` the screen's top row. Based on libvterm 0.1.4, which cuts
/// cells when the screen gets narrower and does not rewrap them. One thread at a time.
class Screen {
 public:
  /// The size used is `sensible(size)`.
  explicit Screen(TerminalSize size);
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  ~Screen();

  /// Draws the program's output. Any split of the bytes gives the same screen, except for invalid UTF-8.
  void write(std::span<const char> bytes);

  /// Changes the width; the height stays. (When rows are removed, libvterm 0.1.4 moves the cursor above the screen and
  /// writes there: seen.)
  void resize(int columns);

  TerminalSize size() const;
  Cell cell(int row, int column) const;

  struct Cursor {
    int row = 0;
    int column = 0;
    bool visible = true;
    friend bool operator==(const Cursor&, const Cursor&) = default;
  };
  Cursor cursor() const;

  /// The number of lines kept above the screen plus the screen's rows.
  int lines() const;
  int first_row() const;
  int columns(int line) const;
  /// The base character of a cell, without combining and zero-width ones; a space for a blank cell, U+FFFD for the
  /// right half of a wide one.
  char32_t character(int line, int column) const { return row(line)[static_cast<std::size_t>(column)]; }
  /// All of a line's characters; valid until the screen changes.
  std::u32string_view row(int line) const;

  /// The replies to the program's terminal requests, to be typed to it; each reply once.
  std::string take_replies();

  /// `text` as the terminal sends a paste: bracketed when the program asked for that, without control characters.
  Secret as_paste(std::string_view text) const;

 private:
  struct Terminal;
  std::unique_ptr<Terminal> terminal_;
};

/// `size` limited to 5 to 500 rows and 20 to 1000 columns.
TerminalSize sensible(TerminalSize size);

}  // namespace jackin::mint
