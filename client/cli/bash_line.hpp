// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jackin::client {

/// A bash command line up to the cursor, split into words.
struct BashLine {
  std::vector<std::string> words;  ///< As a program would receive them. The last word is being typed.
  char quote = 0;                  ///< The quotation mark that is open at the cursor.
  /// The length of the prefix of the last word that bash keeps and does not replace. During completion bash ends words
  /// at `=`, `:` and other characters, and at an open quotation mark.
  std::size_t kept = 0;
  bool is_redirection = false;  ///< The last word is the file after a `<` or `>`.
};

/// Splits `line` as bash does, without expanding anything. The result covers only the last simple command, without its
/// redirections. `word_breaks` is bash's COMP_WORDBREAKS (bash(1)).
BashLine read_bash_line(std::string_view line, std::string_view word_breaks);

/// Returns the text that bash must insert so that the word being typed becomes `word`. With `ends_word` the text also
/// ends the word. Returns nothing for control characters, and when the open quotation mark does not allow the text.
std::optional<std::string> for_bash(const BashLine& line, std::string_view word, bool ends_word);

}  // namespace jackin::client
