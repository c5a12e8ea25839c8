// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/token_lifetime.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "common/text_characters.hpp"

namespace jackin::mint {
namespace {

// Enough for the sentence on a terminal of 20 columns, and for the blank rows between it and the token.
constexpr int rows_above = 8;
constexpr std::size_t most_digits = 4;

using Words = std::vector<std::u32string_view>;

bool is_word_character(char32_t c) {
  return squeezed_character(c) != '\0';
}

// Appends the words of a row, without the punctuation around them. They refer to the row: nothing is copied.
void add_words(std::u32string_view row, Words& words) {
  while (true) {
    const auto begin = std::find_if(row.begin(), row.end(), is_word_character);
    const auto end = std::find_if_not(begin, row.end(), is_word_character);
    if (begin == end) return;
    words.push_back(row.substr(static_cast<std::size_t>(begin - row.begin()), static_cast<std::size_t>(end - begin)));
    row.remove_prefix(static_cast<std::size_t>(end - row.begin()));
  }
}

bool is(std::u32string_view word, std::string_view wanted) {
  return std::equal(word.begin(), word.end(), wanted.begin(), wanted.end(),
                    [](char32_t c, char small) { return squeezed_character(c) == small; });
}

bool has(const Words& words, std::size_t at, std::initializer_list<std::string_view> wanted) {
  for (const auto word : wanted) {
    if (at >= words.size() || !is(words[at++], word)) return false;
  }
  return true;
}

std::optional<int> number_in(std::u32string_view word) {
  if (is(word, "a") || is(word, "an") || is(word, "one")) return 1;
  if (word.size() > most_digits) return std::nullopt;
  int number = 0;
  for (const char32_t c : word) {
    if (c < U'0' || c > U'9') return std::nullopt;
    number = 10 * number + static_cast<int>(c - U'0');
  }
  return number;
}

std::optional<std::chrono::days> days_of(int number, std::u32string_view unit) {
  if (!unit.empty() && is(unit.substr(unit.size() - 1), "s")) unit.remove_suffix(1);
  if (is(unit, "hour")) return std::chrono::days(number / 24);
  static constexpr std::array<std::pair<std::string_view, int>, 4> units{
      {{"day", 1}, {"week", 7}, {"month", 30}, {"year", 365}}};
  for (const auto& [name, days] : units) {
    if (is(unit, name)) return std::chrono::days(number * days);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::days> lifetime_beside(const Screen& screen, int line, int column) {
  Words words;
  for (int above = std::max(0, line - rows_above); above < line; ++above) add_words(screen.row(above), words);
  add_words(screen.row(line).substr(0, static_cast<std::size_t>(column)), words);
  for (std::size_t at = words.size(); at-- > 0;) {
    if (!has(words, at, {"valid", "for"})) continue;
    const bool is_less = has(words, at + 2, {"less", "than"});
    const std::size_t length = at + (is_less ? 4 : 2);
    if (length + 1 >= words.size()) return std::nullopt;
    const auto number = number_in(words[length]);
    if (!number) return std::nullopt;
    const auto days = days_of(*number, words[length + 1]);
    // "less than N days" guarantees N - 1 days.
    return days && is_less ? std::max(*days - std::chrono::days(1), std::chrono::days(0)) : days;
  }
  return std::nullopt;
}

}  // namespace jackin::mint
