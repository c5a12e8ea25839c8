// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daemon/process/pty.hpp"
#include "tests/unit/mint/tokens.hpp"

namespace jackin::test {

/// The wanted content of a screen, row by row from the top, ASCII.
using Picture = std::vector<std::string>;

/// `text` wrapped as claude wraps it: `indent` blanks at the left of each row, nothing at the right. With `boxed`, also
/// a bar and a blank at either side.
Picture wrapped(const std::string& text, int columns, int indent, bool boxed = false);

/// Draws pictures onto a terminal whose cells it knows, in a random way each time. It draws whole rows or pieces, skips
/// cells that are already right, draws wrong ones first, uses every cursor movement, and adds colours.
class Artist {
 public:
  Artist(TerminalSize size, Random& random);

  enum class Order { downwards, any };

  /// The bytes that change the screen to `picture`, which must fit. With Order::downwards each row is drawn from left
  /// to right before the rows below it.
  std::string draw(const Picture& picture, Order order);

  /// Sets the new size of the terminal; returns the bytes that clear it.
  std::string start_over(TerminalSize size);

  /// The bytes that scroll the screen up by `rows`.
  std::string scroll(int rows);

 private:
  struct Stroke {
    int row;
    int column;
    std::string text;
  };

  std::vector<Stroke> strokes_for(int row, const std::string& wanted);
  std::string move_to(int row, int column);
  std::string put(const Stroke& stroke);

  TerminalSize size_;
  Random& random_;
  Picture cells_;
  int row_ = 0;
  int column_ = 0;
};

}  // namespace jackin::test
