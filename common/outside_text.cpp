// SPDX-License-Identifier: Apache-2.0
#include "common/outside_text.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "common/claude.hpp"
#include "common/text_characters.hpp"
#include "common/untrusted_text.hpp"

namespace jackin {
namespace {

constexpr std::size_t looked_at = std::size_t{64} * 1024;
constexpr std::size_t shortest_in_pieces = 24;
constexpr std::size_t hits_of_five = 3;

// A way to split squeezed text into numbers: `length` characters as digits of `base`, so that each number fits 64 bits.
struct Windows {
  std::size_t length;
  std::uint64_t base;

  // The place value of the first digit.
  constexpr std::uint64_t top() const {
    std::uint64_t value = 1;
    for (std::size_t i = 1; i < length; ++i) value *= base;
    return value;
  }
};

constexpr Windows of_eight{8, 36};
constexpr Windows of_five{5, 36};
constexpr Windows of_base64{11, 36};
constexpr Windows of_hex{16, 16};

// Computes the number of the last `length` characters incrementally.
class Window {
 public:
  explicit constexpr Window(Windows windows) : length_(windows.length), base_(windows.base), top_(windows.top()) {}

  // Returns nothing until `length` characters have arrived.
  std::optional<std::uint64_t> next(char squeezed) {
    const auto digit = static_cast<std::uint64_t>(squeezed <= '9' ? squeezed - '0' : squeezed - 'a' + 10);
    if (digit >= base_) {
      restart();
      return std::nullopt;
    }
    value_ = value_ % top_ * base_ + digit;
    if (seen_ < length_) ++seen_;
    return seen_ == length_ ? std::optional(value_) : std::nullopt;
  }

  // Discards the previous characters, so the next number does not contain them.
  void restart() { value_ = seen_ = 0; }

 private:
  std::size_t length_;
  std::uint64_t base_;
  std::uint64_t top_;
  std::uint64_t value_ = 0;
  std::size_t seen_ = 0;
};

// The windows of a token in its different encodings, sorted, in locked memory.
class Fragments {
 public:
  Fragments(Windows windows, std::initializer_list<std::string_view> forms) {
    // Reserves all memory at once, because each growth of a Secret costs several system calls.
    std::size_t most = 0;
    for (const auto form : forms) most += form.size();
    bytes_.prepare(most * sizeof(std::uint64_t));
    for (const auto form : forms) {
      Window window(windows);
      any_squeezed(form, [&](char c) {
        if (const auto value = window.next(c)) {
          bytes_.append({reinterpret_cast<const char*>(&*value), sizeof(*value)});
        }
        return false;
      });
    }
    const auto space = bytes_.prepare(0);
    if (bytes_.empty()) return;
    // sodium_malloc aligns memory according to its size, which is a multiple of eight bytes here.
    auto* const first = reinterpret_cast<std::uint64_t*>(space.data() - bytes_.size());
    values_ = {first, bytes_.size() / sizeof(std::uint64_t)};
    std::sort(first, first + values_.size());
  }

  bool have(std::uint64_t value) const { return std::binary_search(values_.begin(), values_.end(), value); }

 private:
  Secret bytes_;
  std::span<const std::uint64_t> values_;
};

// Returns the part that differs between tokens: the part after `sk-ant-oat01-` or a similar prefix.
std::string_view behind_prefix(std::string_view token) {
  if (!token.starts_with(credential_prefix)) return token;
  const auto end = token.find('-', credential_prefix.size());
  constexpr std::size_t longest_kind = 8;
  return end == token.npos || end > credential_prefix.size() + longest_kind ? token : token.substr(end + 1);
}

Secret hex_of(std::string_view bytes) {
  Secret text;
  text.prepare(bytes.size() * 2);
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

// Returns the base64 of `bytes` at the offset `before`, without the characters that depend on adjacent bytes.
Secret base64_of(std::string_view bytes, std::size_t before) {
  Secret whole;
  whole.prepare(before + bytes.size());
  for (std::size_t i = 0; i < before; ++i) whole.push_back('\0');
  whole.append(bytes);
  Secret text;
  const auto space = text.prepare(sodium_base64_ENCODED_LEN(whole.size(), sodium_base64_VARIANT_ORIGINAL_NO_PADDING));
  sodium_bin2base64(space.data(), space.size(), reinterpret_cast<const unsigned char*>(whole.view().data()),
                    whole.size(), sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  text.commit(whole.size() * 8 / 6);
  const std::size_t unsure = (before * 8 + 5) / 6;
  return Secret::copy_of(text.view().substr(std::min(unsure, text.size())));
}

Secret squeezed(std::string_view text) {
  Secret clean;
  clean.prepare(text.size());
  any_squeezed(text, [&](char c) {
    clean.push_back(c);
    return false;
  });
  return clean;
}

// One token, and a check whether a text contains a piece of it.
class TokenForms {
 public:
  explicit TokenForms(std::string_view token) : TokenForms(behind_prefix(token), token.size()) {}

  bool occur_in(std::string_view text) const { return whole_ ? occur_whole_in(text) : occur_in_pieces_in(text); }

 private:
  TokenForms(std::string_view body, std::size_t token_size)
      : whole_(token_size < shortest_in_pieces),
        plain_(squeezed(body)),
        hex_(hex_of(body)),
        base64_{squeezed(base64_of(body, 0).view()), squeezed(base64_of(body, 1).view()),
                squeezed(base64_of(body, 2).view())},
        eights_(of_eight, {plain_.view()}),
        fives_(of_five, {plain_.view()}),
        sixteens_(of_hex, {hex_.view()}),
        elevens_(of_base64, {base64_[0].view(), base64_[1].view(), base64_[2].view()}) {}

  bool occur_in_pieces_in(std::string_view text) const {
    Window eight(of_eight);
    Window five(of_five);
    Window hex(of_hex);
    Window base64(of_base64);
    std::array<std::uint64_t, hits_of_five> hits{};
    std::size_t found = 0;
    return any_squeezed(text, [&](char c) {
      const auto is_in = [&](Window& window, const Fragments& fragments) {
        const auto value = window.next(c);
        return value && fragments.have(*value);
      };
      if (is_in(eight, eights_) || is_in(hex, sixteens_) || is_in(base64, elevens_)) return true;
      const auto value = five.next(c);
      if (!value || !fives_.have(*value)) return false;
      five.restart();
      const auto known = hits.begin() + static_cast<std::ptrdiff_t>(found);
      if (std::find(hits.begin(), known, *value) == known) hits.at(found++) = *value;
      return found == hits_of_five;
    });
  }

  bool occur_whole_in(std::string_view text) const {
    const Secret clean = squeezed(text);
    const auto has = [&](const Secret& form) {
      return !form.empty() && clean.view().find(form.view()) != clean.view().npos;
    };
    return has(plain_) || has(hex_) || std::any_of(base64_.begin(), base64_.end(), has);
  }

  bool whole_;
  Secret plain_;
  Secret hex_;
  std::array<Secret, 3> base64_;
  Fragments eights_;
  Fragments fives_;
  Fragments sixteens_;
  Fragments elevens_;
};

// Whether decoding reveals possible pieces of a secret. In `masked` those that are visible without decoding are
// masked.
bool hides_secret_words(std::string_view masked) {
  const auto has_some = [](std::string_view view) {
    const std::string shown = printable(view, view.size() * 2);
    return without_secret_words(shown) != shown;
  };
  const Secret once = decoded(masked);
  if (once.view() == masked) return false;
  return has_some(once.view()) || has_some(decoded(once.view()).view());
}

constexpr std::string_view token_characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool is_combining(char32_t code) {
  return (code >= 0x300 && code <= 0x36f) || (code >= 0x1ab0 && code <= 0x1aff) || (code >= 0x1dc0 && code <= 0x1dff) ||
         (code >= 0x20d0 && code <= 0x20ff) || (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xfe20 && code <= 0xfe2f);
}

bool is_hexadecimal(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Successive characters of a token.
struct Run {
  std::size_t size = 0;
  bool has_letter = false;
  bool has_digit = false;

  void add(char c) {
    const bool is_digit = c >= '0' && c <= '9';
    ++size;
    has_digit = has_digit || is_digit;
    has_letter = has_letter || (!is_digit && c != '-' && c != '_');
  }
  bool is_mixed() const { return has_letter && has_digit; }
  // Whether `without_secret_words` leaves it, and it is long enough to be a piece of a token.
  bool is_shown() const { return size >= of_eight.length && size < 24 && (size < 12 || !is_mixed()); }
};

// A word as a reader sees it.
struct Word {
  Run whole;
  Run line;  // since the last line end
  bool is_split = false;
  bool has_shown = false;  // a part that is not masked
  char last = '\0';
  bool ends_with_byte = false;  // in two hexadecimal digits

  void add(char c) {
    ends_with_byte = is_hexadecimal(c) && is_hexadecimal(last);
    last = c;
    whole.add(c);
    line.add(c);
  }
  void split() { is_split = has_shown = is_split || whole.size > 0; }
  void end_line() {
    is_split = whole.size > 0;
    has_shown = has_shown || line.is_shown();
    line = {};
  }
  bool is_split_secret() const {
    return is_split && whole.size >= 24 && whole.is_mixed() && (has_shown || line.is_shown());
  }
};

// Whether `text` begins with a colon between two bytes in hexadecimal digits.
bool is_between_bytes(std::string_view text, const Word& before) {
  return text.size() > 2 && text[0] == ':' && before.ends_with_byte && is_hexadecimal(text[1]) &&
         is_hexadecimal(text[2]) && (text.size() == 3 || !is_token_character(text[3]));
}

// Whether a possible secret is not masked as one word: it is wrapped, split by what a reader skips, or full-width.
bool splits_secret_word(std::string_view text) {
  Word word;
  while (!text.empty()) {
    const auto [code, bytes] = first_character(text);
    if (code == '\n' || code == '\r') {
      word.end_line();
      text.remove_prefix(std::min(text.find_first_of(token_characters), text.size()));
      continue;
    }
    const bool is_full_width = code >= 0xff01 && code <= 0xff5e;
    const char32_t plain = is_full_width ? code - 0xfee0 : code;
    if (bytes == 0 || is_combining(code) || is_between_bytes(text, word)) {
      word.split();
    } else if (plain < 0x80 && is_token_character(static_cast<char>(plain))) {
      word.add(static_cast<char>(plain));
      if (is_full_width) word.split();
    } else if (!is_invisible(code)) {
      if (word.is_split_secret()) return true;
      word = {};
    }
    text.remove_prefix(code == 0x1b ? escape_length(text) : std::max<std::size_t>(bytes, 1));
  }
  return word.is_split_secret();
}

bool is_at_hand(const Secret* token) {
  return token != nullptr && !token->empty();
}

}  // namespace

bool carries_token(std::string_view text, const TokensAtHand& tokens) {
  text = text.substr(0, looked_at);
  std::vector<TokenForms> all;
  for (const Secret* const token : tokens) {
    if (is_at_hand(token)) all.emplace_back(token->view());
  }
  if (text.empty() || all.empty()) return false;
  const auto has_any = [&](std::string_view view) {
    return std::any_of(all.begin(), all.end(), [&](const TokenForms& token) { return token.occur_in(view); });
  };
  if (has_any(text)) return true;
  const Secret once = decoded(text);
  if (once.view() == text) return false;
  return has_any(once.view()) || has_any(decoded(once.view()).view());
}

std::string outside_text(std::string_view text, const TokensAtHand& tokens, std::size_t limit) {
  text = text.substr(0, looked_at);
  if (std::any_of(tokens.begin(), tokens.end(), is_at_hand)) {
    return carries_token(text, tokens) ? std::string(withheld_text) : printable(text, limit);
  }
  if (shows_token_prefix(text) || splits_secret_word(text)) return std::string(withheld_text);
  std::string masked = without_secret_words(printable(text, text.size() * 2));
  return hides_secret_words(masked) ? std::string(withheld_text) : cut_text(std::move(masked), limit);
}

}  // namespace jackin
