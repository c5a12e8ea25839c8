// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jackin {

/// Makes `text` from outside (another program's stderr, an item's title, a file's name) safe for a message. Drops
/// control characters, escape sequences and bidirectional overrides. Shows a byte that is not UTF-8 as `\xHH` (drops it
/// in a text with a credential). Line ends become one space. Anything that has the form of a Claude credential
/// (`sk-ant-…`) becomes `sk-ant-***`. Text longer than `limit` bytes is cut at a character, with "…". A text with a
/// token's prefix in another form, spaced out or encoded, is not shown at all (`withheld_text`). For text from a
/// program, a service or the API, use `outside_text`.
std::string printable(std::string_view text, std::size_t limit = 300);

/// `text` when it has at most `limit` bytes; else its beginning, cut at a character, with "…".
std::string cut_text(std::string text, std::size_t limit);

/// `text` with `***` in place of possible pieces of a secret, in any encoding. Masks every run of 24 or more letters,
/// digits, `-` and `_`, and every run of 12 or more with both letters and digits. For the output of a program that has
/// access to a token.
std::string without_secret_words(std::string_view text);

}  // namespace jackin
