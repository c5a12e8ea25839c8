// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace jackin::client {

/// `text` as it may be drawn on a terminal: control characters, characters without a glyph of their own (directional
/// marks, joiners of nothing) and bytes that are no UTF-8 are dropped, so no sequence from outside ever takes effect.
/// Blanks are kept, unlike in `printable()`: columns matter here.
std::string drawable(std::string_view text);

/// How many columns drawable text takes on a terminal: wide East Asian characters and emoji count two, combining ones
/// none (Unicode Standard Annex 11, by blocks).
int display_width(std::string_view text);

/// The longest beginning of drawable text that takes at most `columns`; no mark is left where it was cut.
std::string cut_to(std::string_view text, int columns);

/// `text` itself when it fits `columns`, else its beginning and `mark`.
std::string shortened(std::string_view text, int columns, std::string_view mark = "…");

/// `text` with blanks on its right up to `columns`.
std::string padded(std::string_view text, int columns);

}  // namespace jackin::client
