// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/token_capture.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "common/text_characters.hpp"

namespace jackin::mint {
namespace {

// Shorter ones are examples in other text, or a token that is still being drawn.
constexpr int shortest_candidate = 40;

constexpr int whole_length = static_cast<int>(token_length);

// The known shape: whole rows whose lengths add up to exactly `length`. The exact sum distinguishes a token that fills
// its last row from one that continues, and both from an unrelated word below.
bool has_known_shape(const WrappedText& text, int length) {
  return length == whole_length && text.starts_with(token_prefix) &&
         text.starts_with(token_suffix, whole_length - static_cast<int>(token_suffix.size()));
}

int known_length(const WrappedText& text) {
  int length = 0;
  for (const auto& fragment : text.fragments()) {
    length += fragment.length();
    if (has_known_shape(text, length)) return length;
    if (length > whole_length) break;
  }
  return 0;
}

// Whether a credential could start here: the row continues with its prefix, to the row's end or to an edge in it.
bool may_start(std::u32string_view rest_of_row) {
  for (std::size_t i = 1; i < std::min(rest_of_row.size(), credential_prefix.size()); ++i) {
    if (rest_of_row[i] != static_cast<char32_t>(credential_prefix[i])) return is_edge(rest_of_row[i]);
  }
  return true;
}

// Where the next credential could start in a row; npos: nowhere. It must be cheap: all rows are checked after every
// write.
std::size_t next_start(std::u32string_view row, std::size_t from) {
  static_assert(credential_prefix.front() == 's');
  auto at = row.find(U's', from);
  while (at != row.npos && !may_start(row.substr(at))) at = row.find(U's', at + 1);
  return at;
}

bool holds(const Secret& secret, const WrappedText& text, int length) {
  if (secret.size() != static_cast<std::size_t>(length)) return false;
  for (int i = 0; i < length; ++i) {
    if (static_cast<char32_t>(static_cast<unsigned char>(secret.view()[static_cast<std::size_t>(i)])) != text[i]) {
      return false;
    }
  }
  return true;
}

Secret extract(const WrappedText& text, int length) {
  Secret secret;
  const auto space = secret.prepare(static_cast<std::size_t>(length));
  for (int i = 0; i < length; ++i) space[static_cast<std::size_t>(i)] = static_cast<char>(text[i]);
  secret.commit(static_cast<std::size_t>(length));
  return secret;
}

// Whether the screen contains a token's prefix when all but letters and digits is removed. One pass suffices, since
// only the first letter of the searched text is an `s`.
bool shows_squeezed_prefix(const Screen& screen) {
  constexpr std::string_view wanted = "skantoat";
  static_assert(wanted.find('s', 1) == wanted.npos);
  std::size_t matched = 0;
  for (int line = 0; line < screen.lines(); ++line) {
    for (const char32_t c : screen.row(line)) {
      const char squeezed = squeezed_character(c);
      if (squeezed == '\0') continue;
      if (squeezed != wanted[matched]) matched = 0;
      if (squeezed == wanted[matched]) ++matched;
      if (matched == wanted.size()) return true;
    }
  }
  return false;
}

// --- the lifetime beside the token -----------------------------------------------------------------------------------

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

// How long the token that begins at a cell is valid, according to claude: "valid for 90 days" on the rows above it or
// to its left, with or without wrapping at words. "less than a day" is 0 days. Nothing when claude does not say.
// claude 2.1.332 rounds the server's `expires_in` to whole days (seen): "1 day" is 12 to 36 hours, "1 year" is 365
// days.
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

}  // namespace

void TokenCapture::observe(const Screen& screen) {
  if (!sighted_) sighted_ = shows_squeezed_prefix(screen);
  struct Candidate {
    WrappedText text;
    int line;
    int column;
  };
  std::optional<Candidate> candidate;
  for (int line = screen.lines() - 1; line >= 0; --line) {
    const auto row = screen.row(line);
    for (auto at = next_start(row, 0); at != row.npos; at = next_start(row, at + 1)) {
      const auto column = static_cast<int>(at);
      constexpr auto prefix_length = static_cast<int>(credential_prefix.size());
      if (!follow(screen, line, column, is_token_character, prefix_length).starts_with(credential_prefix)) continue;
      const auto text = follow(screen, line, column, is_token_character);
      sighted_ = true;
      if (const int length = known_length(text); length != 0) {
        keep(text, length, true, lifetime_beside(screen, line, column));
        return;
      }
      if (!candidate && text.starts_with(token_prefix_any)) {
        candidate = {follow_full_rows(screen, line, column, is_token_character), line, column};
      }
    }
  }
  if (!candidate || found_whole() || candidate->text.size() < shortest_candidate) return;
  keep(candidate->text, candidate->text.size(), false, lifetime_beside(screen, candidate->line, candidate->column));
}

void TokenCapture::keep(const WrappedText& text, int length, bool known_shape,
                        std::optional<std::chrono::days> lifetime) {
  const bool is_kept = found_ && found_->known_shape == known_shape && holds(found_->token, text, length);
  if (!is_kept) found_ = CapturedToken{extract(text, length), known_shape, {}};
  // A lifetime once read stays valid when it is overdrawn, and a later one replaces it.
  if (lifetime) found_->lifetime = lifetime;
}

}  // namespace jackin::mint
