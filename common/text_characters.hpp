// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/secret.hpp"

namespace jackin {

/// The first character of a text: its code point and its length in UTF-8. A length of 0 means that the text does not
/// begin with UTF-8.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;
};

/// The first character of `text`, which is not empty.
Character first_character(std::string_view text);

/// Whether all of `text` is UTF-8.
bool is_utf8(std::string_view text);

/// `text` with `\xHH` in place of each byte that is not UTF-8. Names from the operating system are shown in this form,
/// so that no two different names are shown alike. `unescaped_bytes` reverses it for a text without backslashes of its
/// own.
std::string escaped_bytes(std::string_view text);
/// `text` with each `\xHH` from `\x80` on replaced by that byte.
std::string unescaped_bytes(std::string_view text);

/// Whether a character is invisible, or changes how other characters are shown: control characters, directional marks,
/// zero-width characters, tags.
bool is_invisible(char32_t code);

/// The length of the escape sequence (ECMA-48) that begins `text` with ESC, at least 1.
std::size_t escape_length(std::string_view text);

/// The letter or digit of `code`, as one of [a-z0-9]. Folds capitals and full-width forms (U+FF01 to U+FF5E). 0 for
/// every other character.
constexpr char squeezed_character(char32_t code) {
  if (code >= 0xff01 && code <= 0xff5e) code -= 0xfee0;
  if (code >= 'A' && code <= 'Z') code += 'a' - 'A';
  const bool is_kept = (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9');
  return is_kept ? static_cast<char>(code) : '\0';
}

/// Calls `use(char)` for each letter and digit of `text`, in the form of `squeezed_character`. Skips escape sequences
/// and all other characters. So spaces, line ends, punctuation, and zero-width or combining characters between the
/// letters make no difference. Stops when `use` returns true, and returns whether it did.
template <typename Use>
bool any_squeezed(std::string_view text, Use use) {
  while (!text.empty()) {
    if (text.front() == '\x1b') {
      text.remove_prefix(escape_length(text));
      continue;
    }
    const auto [code, bytes] = first_character(text);
    text.remove_prefix(bytes == 0 ? 1 : bytes);
    if (bytes == 0) continue;
    if (const char squeezed = squeezed_character(code); squeezed != '\0' && use(squeezed)) return true;
  }
  return false;
}

/// `text` with each `%HH`, `\xHH`, `\uHHHH`, `&#N;` and `&#xH;` replaced by the encoded character.
Secret decoded(std::string_view text);

/// Whether `text` contains the beginning of a Claude OAuth token: `skantoat` and two digits. Checks the text squeezed
/// as above, as it is and decoded once or twice.
bool shows_token_prefix(std::string_view text);

}  // namespace jackin
