// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/token_capture.hpp"

#include <algorithm>

#include "common/text_characters.hpp"
#include "daemon/mint/token_lifetime.hpp"

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
