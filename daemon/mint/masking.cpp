// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/masking.hpp"

#include <algorithm>
#include <string_view>

#include "common/text_characters.hpp"
#include "daemon/mint/token_capture.hpp"
#include "daemon/mint/wrapped_text.hpp"

namespace jackin::mint {
namespace {

constexpr int shortest_opaque = 6;
constexpr int longest_word = 24;
// How many rows above the screen a text on the screen can begin: a URL at 20 columns.
constexpr int lines_above = 40;

bool is_lower(char32_t c) {
  return c >= U'a' && c <= U'z';
}
bool is_upper(char32_t c) {
  return c >= U'A' && c <= U'Z';
}
bool is_digit(char32_t c) {
  return c >= U'0' && c <= U'9';
}
bool is_joint(char32_t c) {
  return c == U'-' || c == U'_';
}
bool is_vowel(char32_t c) {
  return std::u32string_view(U"aeiouyAEIOUY").find(c) != std::u32string_view::npos;
}

// A range of a text, [begin, end).
struct Range {
  const WrappedText* text;
  int begin;
  int end;
  int length() const { return end - begin; }
  template <typename Test>
  bool all(Test test, int from = 0) const {
    for (int i = begin + from; i < end; ++i) {
      if (!test((*text)[i])) return false;
    }
    return true;
  }
};

// "word", "Word", "WORD" or "2025".
bool is_word(const Range& part) {
  if (part.all(is_digit)) return true;
  if (part.length() > longest_word) return false;
  const char32_t first = (*part.text)[part.begin];
  const bool small = (is_upper(first) || is_lower(first)) && part.all(is_lower, 1);
  const bool capitals = part.all(is_upper);
  if (!small && !capitals) return false;
  return part.length() < 4 || capitals || !part.all([](char32_t c) { return !is_vowel(c); });
}

// A word, or words joined by - and _. When there are more than two words, none may be shorter than three characters.
// Otherwise pieces of a token between the remains of an older text would pass.
bool is_made_of_words(const Range& range) {
  int parts = 0;
  int shortest = longest_word;
  int longest = 0;
  for (int begin = range.begin; begin < range.end;) {
    int end = begin;
    bool only_digits = true;
    for (; end < range.end; ++end) {
      const char32_t c = (*range.text)[end];
      if (is_joint(c)) break;
      only_digits = only_digits && is_digit(c);
      // Not a word. The limit avoids reading a screen full of letters to its end from each of its rows.
      if (!only_digits && end - begin >= longest_word) return false;
    }
    const Range part{range.text, begin, end};
    begin = end + 1;
    if (part.length() == 0) continue;
    if (!is_word(part)) return false;
    ++parts;
    shortest = std::min(shortest, part.length());
    longest = std::max(longest, part.length());
  }
  return parts <= 1 || (longest >= 4 && (parts == 2 || shortest >= 3));
}

// Whether the text contains a piece of a token's prefix, which is made of words.
bool holds_piece_of_prefix(const WrappedText& text) {
  constexpr std::size_t length = 5;
  for (int i = 0; i + static_cast<int>(length) <= text.size(); ++i) {
    // Most characters start no match, and the mask is computed ten times a second for a whole screen.
    if (token_prefix.find(static_cast<char>(text[i])) == token_prefix.npos) continue;
    for (std::size_t at = 0; at + length <= token_prefix.size(); ++at) {
      if (text.starts_with(token_prefix.substr(at, length), i)) return true;
    }
  }
  return false;
}

// Whether the text is long and neither it nor every piece of it is made of words.
bool is_random(const WrappedText& text) {
  if (text.size() < shortest_opaque || is_made_of_words({&text, 0, text.size()})) return false;
  // Words that join at the screen's edge do not form a longer run.
  if (text.fragments().size() == 1) return true;
  int begin = 0;
  for (const auto& fragment : text.fragments()) {
    if (!is_made_of_words({&text, begin, begin + fragment.length()})) return true;
    begin += fragment.length();
  }
  return false;
}

bool is_opaque(const WrappedText& text) {
  // In this order: the first check mostly decides after one word, the second reads the whole text.
  return is_random(text) || holds_piece_of_prefix(text);
}

// Where a credential could start: `sk-` at the start of a word, or `sk-a` anywhere (it may be drawn over older text).
int credential_start(const WrappedText& text) {
  for (int i = 0; i < text.size(); ++i) {
    if (!text.starts_with("sk-", i)) continue;
    if (i == 0 || is_joint(text[i - 1]) || text.starts_with("sk-a", i)) return i;
  }
  return text.size();
}

class Masking {
 public:
  Masking(const Screen& screen, const std::vector<std::string>& urls)
      : screen_(screen), urls_(urls), top_(screen.first_row()), mask_(screen.size()) {}

  Mask result() {
    each_run(is_token_character, [this](int line, int column) { hide_opaque(line, column); });
    hide_full_width();
    each_run(is_url_character, [this](int line, int column) { show_url(line, column); });
    return std::move(mask_);
  }

 private:
  template <typename Visit>
  void each_run(Alphabet alphabet, Visit visit) {
    for (int line = std::max(0, top_ - lines_above); line < screen_.lines(); ++line) {
      const auto row = screen_.row(line);
      for (auto at = row.begin(); (at = std::find_if(at, row.end(), alphabet)) != row.end();) {
        visit(line, static_cast<int>(at - row.begin()));
        at = std::find_if_not(at, row.end(), alphabet);
      }
    }
  }

  // Visits every cell of the text, in order; cells above the screen have a negative row.
  template <typename Visit>
  void each_cell(const WrappedText& text, Visit visit) {
    for (const auto& fragment : text.fragments()) {
      for (int column = fragment.begin; column < fragment.end; ++column) visit(fragment.line - top_, column);
    }
  }

  void hide(const WrappedText& text, int from) {
    int index = 0;
    each_cell(text, [&](int row, int column) {
      if (index++ >= from && row >= 0) mask_.hide(row, column);
    });
  }

  void hide_opaque(int line, int column) {
    const auto text = follow_full_rows(screen_, line, column, is_token_character);
    if (is_opaque(text)) {
      hide(text, 0);
    } else if (const int start = credential_start(text); start < text.size()) {
      hide(text, start);
    }
  }

  // Hides letters and digits of double width. claude was never seen to draw any, so they are not searched for words.
  void hide_full_width() {
    for (int row = 0; row < screen_.size().rows; ++row) {
      const auto characters = screen_.row(top_ + row);
      for (int column = 0; column < screen_.size().columns; ++column) {
        const char32_t c = characters[static_cast<std::size_t>(column)];
        if (c < 0x80 || squeezed_character(c) == '\0') continue;
        mask_.hide(row, column);
        if (column + 1 < screen_.size().columns) mask_.hide(row, column + 1);
      }
    }
  }

  void show_url(int line, int column) {
    if (screen_.character(line, column) != U'h') return;
    const auto text = follow_full_rows(screen_, line, column, is_url_character);
    if (!text.starts_with("https://")) return;
    const int known = known_length(text);
    int index = 0;
    each_cell(text, [&](int row, int at) {
      if (index++ < known && row >= 0) mask_.show(row, at);
    });
  }

  // How much of the text belongs to a URL.
  int known_length(const WrappedText& text) const {
    if (urls_.empty()) {
      for (int i = 0; i < text.size(); ++i) {
        if (text[i] == U'?') return credential_start(text);
      }
      return 0;
    }
    int longest = 0;
    for (const auto& url : urls_) {
      int same = 0;
      while (same < text.size() && same < static_cast<int>(url.size()) &&
             text[same] == static_cast<char32_t>(url[static_cast<std::size_t>(same)])) {
        ++same;
      }
      longest = std::max(longest, same);
    }
    return longest;
  }

  const Screen& screen_;
  const std::vector<std::string>& urls_;
  int top_;
  Mask mask_;
};

}  // namespace

Mask::Mask(TerminalSize size)
    : columns_(static_cast<std::size_t>(size.columns)), hidden_(static_cast<std::size_t>(size.rows) * columns_) {}

Mask mask_for(const Screen& screen, const std::vector<std::string>& urls) {
  return Masking(screen, urls).result();
}

}  // namespace jackin::mint
