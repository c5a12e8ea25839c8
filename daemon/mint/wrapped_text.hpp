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

/// A text that was too long for its row and was drawn on in the rows below, as the places of its characters: a program
/// wraps it at the screen's edge, or at the edge of a box or an indentation of its own. The characters are read from
/// the screen when asked for and kept nowhere. Ends with the next change of the screen.
class WrappedText {
 public:
  WrappedText(const Screen& screen, std::vector<Fragment> fragments);

  const std::vector<Fragment>& fragments() const { return fragments_; }
  int size() const { return size_; }
  char32_t operator[](int index) const;
  bool starts_with(std::string_view ascii, int at = 0) const;
  /// Cells to the right of a piece, blank or the edge of a box, up to the screen's edge.
  int margin(const Fragment& fragment) const { return screen_->columns(fragment.line) - fragment.end; }

 private:
  const Screen* screen_;
  std::vector<Fragment> fragments_;
  std::vector<int> ends_;  // of the pieces, in characters from the text's beginning
  int size_ = 0;
};

/// Longer than a URL or a credential. A text that goes on is followed no further: a screen full of letters must not be
/// read once more from each of its rows.
inline constexpr int longest_text = 5000;

using Alphabet = bool (*)(char32_t);

/// [A-Za-z0-9_-]
bool is_token_character(char32_t c);
/// What RFC 3986 lets stand in a URI.
bool is_url_character(char32_t c);
/// Blank, or a line that a box is drawn with.
bool is_edge(char32_t c);

/// A line's characters without the edges at both ends; a part of `row`.
std::u32string_view within_edges(std::u32string_view row);

/// The text of `alphabet` that begins at a cell, with every row below that could belong to it: nothing but edge stands
/// right of a piece, and nothing but edge left of the next one, on the very next line. May follow too far, when other
/// text stands below; whoever reads decides where it ends. No row is begun when there are `enough` characters.
WrappedText follow(const Screen& screen, int line, int column, Alphabet alphabet, int enough = longest_text);

/// The same, but only over rows that are full: at most four cells of edge right of a piece, and the next
/// piece begins no further right than the first.
WrappedText follow_full_rows(const Screen& screen, int line, int column, Alphabet alphabet, int enough = longest_text);

}  // namespace jackin::mint
