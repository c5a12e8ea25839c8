// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jackin::client {

/// `text` made safe to draw on a terminal: no escape sequence in it takes effect. Drops control characters, bytes that
/// are not UTF-8, and characters without a glyph, such as directional marks and joiners. Keeps blanks, unlike
/// `printable()`, because columns matter here.
std::string drawable(std::string_view text);

/// The width of drawable text in columns. Wide East Asian characters and emoji count two, combining characters none
/// (Unicode Standard Annex 11).
int display_width(std::string_view text);

/// The longest beginning of drawable text that fits into `columns`. The cut is not marked.
std::string cut_to(std::string_view text, int columns);

/// `text` itself when it fits into `columns`, else its beginning and `mark`.
std::string shortened(std::string_view text, int columns, std::string_view mark = "…");

/// `text` broken at blanks into drawable lines of at most `columns`; a longer word is cut in pieces.
std::vector<std::string> wrapped(std::string_view text, int columns);

/// `text` padded with blanks on the right up to `columns`.
std::string padded(std::string_view text, int columns);

}  // namespace jackin::client
