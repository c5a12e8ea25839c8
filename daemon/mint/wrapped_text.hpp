// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "daemon/mint/screen.hpp"

namespace jackin::mint {

/// A stretch of one line, [begin, end).
struct Fragment {
  int line = 0;
  int begin = 0;
  int end = 0;
  int length() const { return end - begin; }
  friend bool operator==(const Fragment&, const Fragment&) = default;
};

/// A text that was too long for its row and continues in the rows below, as the positions of its characters. A program
/// wraps it at the screen's edge, or at the edge of its own box or indentation. The characters are read from the screen
/// on demand and stored nowhere. Valid until the screen changes.
class WrappedText {
 public:
  WrappedText(const Screen& screen, std::vector<Fragment> fragments);

  const std::vector<Fragment>& fragments() const { return fragments_; }
  int size() const { return size_; }
  char32_t operator[](int index) const;
  bool starts_with(std::string_view ascii, int at = 0) const;
  /// The number of cells to the right of a piece, blank or the edge of a box, up to the screen's edge.
  int margin(const Fragment& fragment) const { return screen_->columns(fragment.line) - fragment.end; }

 private:
  const Screen* screen_;
  std::vector<Fragment> fragments_;
  std::vector<int> ends_;  // of the pieces, in characters from the text's start
  int size_ = 0;
};

/// Longer than a URL or a credential. A text is followed no further, so that a screen full of letters is not read again
/// from each of its rows.
inline constexpr int longest_text = 5000;

using Alphabet = bool (*)(char32_t);

/// [A-Za-z0-9_-]
bool is_token_character(char32_t c);
/// A character that RFC 3986 allows in a URI.
bool is_url_character(char32_t c);
/// A blank, or a line character of a box.
bool is_edge(char32_t c);

/// A line's characters without the edges at both ends; refers to `row`.
std::u32string_view within_edges(std::u32string_view row);

/// The text of `alphabet` that begins at a cell, with every row below that could belong to it. Only edge cells may be
/// right of a piece and left of the next one, which must be on the next line. May include unrelated text below; the
/// caller decides where the text ends. It starts no further row when there are `enough` characters.
WrappedText follow(const Screen& screen, int line, int column, Alphabet alphabet, int enough = longest_text);

/// The same, but only over full rows: a piece has at most four edge cells to its right. The next piece begins no
/// further right than the first.
WrappedText follow_full_rows(const Screen& screen, int line, int column, Alphabet alphabet, int enough = longest_text);

}  // namespace jackin::mint
