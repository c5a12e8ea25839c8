// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jackin::client {

/// A command line of bash, up to the cursor, taken apart.
struct BashLine {
  std::vector<std::string> words;  ///< As a program would get them; the last one is being typed.
  char quote = 0;                  ///< The quotation mark that is open at the cursor.
  /// How much of the last word bash leaves alone: it takes `=`, `:` and others for the ends of words while it
  /// completes, and an open quotation mark.
  std::size_t kept = 0;
  bool is_redirection = false;  ///< The last word is the file after a `<` or `>`.
};

/// Takes `line` apart as bash does, without expanding anything. Only the last simple command counts, and its
/// redirections do not. `word_breaks` is bash's COMP_WORDBREAKS (bash(1)).
BashLine read_bash_line(std::string_view line, std::string_view word_breaks);

/// What bash has to put in place of the word being typed so that it becomes `word`, with what ends the word when
/// `ends_word`. Nothing when that cannot be written with the quotation mark that is open, and for control characters.
std::optional<std::string> for_bash(const BashLine& line, std::string_view word, bool ends_word);

}  // namespace jackin::client
