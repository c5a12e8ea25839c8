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

/// One cell of the screen, a value. It can hold a character of a token: look at it, do not keep it.
struct Cell {
  static constexpr std::size_t most_code_points = 6;
  std::array<char32_t, most_code_points> code_points{};  ///< [0] is 0 in a blank cell; combining ones follow.
  int width = 1;                                         ///< In columns; 0 for the right half of a wide character.
  Style style;
};

/// What a program drew on its terminal, as a value: bytes go in, cells stand there, replies to the program come out.
/// Knows nothing of claude. Rows that scroll off the top are kept (their characters, up to 200 rows) as *lines* above
/// the screen: line 0 is the oldest one kept, line `first_row()` the screen's top row. Built on libvterm 0.1.4, which
/// cuts cells when it is narrowed and does not wrap them anew. One thread at a time.
class Screen {
 public:
  /// Sizes are taken as `sensible(size)`.
  explicit Screen(TerminalSize size);
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  ~Screen();

  /// Draws what the program wrote; any split of the bytes gives the same screen, but for what is not UTF-8.
  void write(std::span<const char> bytes);

  /// Another width; the height stays. (libvterm 0.1.4 moves the cursor above the screen, and writes there, when rows
  /// are taken away from below it: seen.)
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

  /// Lines kept above the screen, then the screen's rows.
  int lines() const;
  int first_row() const;
  int columns(int line) const;
  /// The base character of a cell, without the combining and zero-width ones that are drawn onto it; a space for a
  /// blank cell, U+FFFD for the right half of a wide one.
  char32_t character(int line, int column) const { return row(line)[static_cast<std::size_t>(column)]; }
  /// All of a line's characters; until the screen changes.
  std::u32string_view row(int line) const;

  /// What the program asked its terminal, answered, to be typed to it; each reply once.
  std::string take_replies();

  /// `text` as the terminal types a paste: bracketed when the program asked for that, without control characters.
  Secret as_paste(std::string_view text) const;

 private:
  struct Terminal;
  std::unique_ptr<Terminal> terminal_;
};

/// `size` within what a terminal can have here: 5 to 500 rows, 20 to 1000 columns.
TerminalSize sensible(TerminalSize size);

}  // namespace jackin::mint
