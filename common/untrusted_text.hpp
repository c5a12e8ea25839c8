// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jackin {

/// `text` from outside (another program's stderr, an item's title, a file's name) made fit for a message: control
/// characters, escape sequences and bidirectional overrides are dropped, a byte that is no UTF-8 is shown as `\xHH`
/// (dropped in a text with a credential), line ends become one space, anything of the shape of a Claude credential
/// (`sk-ant-…`) becomes `sk-ant-***`, and what is longer than `limit` bytes is cut at a character with "…". A text that
/// shows a token's prefix in another form, spaced out or encoded, is not shown at all (`withheld_text`). For what a
/// program, a service or the API says there is `outside_text`.
std::string printable(std::string_view text, std::size_t limit = 300);

/// `text` when it has at most `limit` bytes; else its beginning, cut at a character, with "…".
std::string cut_text(std::string text, std::size_t limit);

/// `text` with `***` in place of what may be a piece of a secret, in whatever form: every run of 24 or more letters,
/// digits, `-` and `_`, and of 12 or more with letters and digits. For what a program says that has a token at hand.
std::string without_secret_words(std::string_view text);

}  // namespace jackin
