// SPDX-License-Identifier: Apache-2.0
#include "client/cli/bash_line.hpp"

#include <algorithm>
#include <utility>

namespace jackin::client {
namespace {

bool ends_command(char c) {
  return c == ';' || c == '|' || c == '&' || c == '(' || c == ')' || c == '\n';
}

bool is_plain(char c) {
  constexpr std::string_view safe = "_-./@%+,=:";
  // bash treats bytes beyond ASCII as letters.
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         safe.find(c) != std::string_view::npos || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

BashLine read_bash_line(std::string_view line, std::string_view word_breaks) {
  BashLine read;
  std::string word;
  bool in_word = false;
  std::size_t kept = 0;
  std::size_t kept_before_quote = 0;
  const auto end_word = [&] {
    if (in_word && !read.is_redirection) read.words.push_back(word);
    if (in_word) read.is_redirection = false;
    word.clear();
    in_word = false;
    kept = 0;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool has_next = i + 1 < line.size();
    if (read.quote == '\'') {
      if (c == '\'') {
        read.quote = 0;
        kept = kept_before_quote;
      } else {
        word += c;
      }
    } else if (read.quote == '"') {
      if (c == '"') {
        read.quote = 0;
        kept = kept_before_quote;
      } else if (c == '\\' && has_next && std::string_view("$`\"\\").find(line[i + 1]) != std::string_view::npos) {
        word += line[++i];
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      read.quote = c;
      in_word = true;
      kept_before_quote = std::exchange(kept, word.size());
    } else if (c == '\\') {
      in_word = true;
      if (has_next) word += line[++i];
    } else if (c == ' ' || c == '\t') {
      end_word();
    } else if (c == '<' || c == '>' || (c == '&' && has_next && line[i + 1] == '>')) {
      // A number right before a redirection operator is a descriptor.
      const auto is_digit = [](char digit) { return digit >= '0' && digit <= '9'; };
      if (std::all_of(word.begin(), word.end(), is_digit)) in_word = false;
      end_word();
      read.is_redirection = true;
      while (i + 1 < line.size() && std::string_view("<>&|").find(line[i + 1]) != std::string_view::npos) ++i;
    } else if (ends_command(c)) {
      end_word();
      read.words.clear();
      read.is_redirection = false;
    } else {
      in_word = true;
      word += c;
      // Readline leaves these two characters to the next word (rl_special_prefixes).
      const bool is_prefix = c == '$' || c == '@';
      if (word_breaks.find(c) != std::string_view::npos) kept = word.size() - (is_prefix ? 1 : 0);
    }
  }
  // The word at the cursor, which may still be empty.
  read.words.push_back(std::move(word));
  read.kept = kept;
  return read;
}

std::optional<std::string> for_bash(const BashLine& line, std::string_view word, bool ends_word) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(word.begin(), word.end(), is_control) || word.size() < line.kept) return std::nullopt;
  const std::string_view rest = word.substr(line.kept);
  if (line.quote != 0) {
    // Inside quotation marks bash inserts the text unchanged and adds the closing mark itself.
    const std::string_view special = line.quote == '"' ? "$`\"\\!" : "'";
    if (word.find_first_of(special) != std::string_view::npos) return std::nullopt;
    return std::string(rest);
  }
  std::string text;
  for (const char c : rest) {
    if (!is_plain(c)) text += '\\';
    text += c;
  }
  if (ends_word) text += ' ';
  return text;
}

}  // namespace jackin::client
