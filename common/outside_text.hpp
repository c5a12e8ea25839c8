// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/secret.hpp"

namespace jackin {

/// The tokens that a call uses. Quoted texts must not contain them. Ignores null pointers and empty tokens. Owns
/// nothing: the tokens must outlive it.
class TokensAtHand {
 public:
  TokensAtHand() = default;
  TokensAtHand(std::initializer_list<const Secret*> tokens) : tokens_(tokens) {}

  void add(const Secret& token) { tokens_.push_back(&token); }
  auto begin() const { return tokens_.begin(); }
  auto end() const { return tokens_.end(); }

 private:
  std::vector<const Secret*> tokens_;
};

/// The text that replaces a text that may contain a token.
inline constexpr std::string_view withheld_text = "(its text is not shown: a part of a token may be in it)";

/// Makes `text` from a program, a service or the API safe for a message. A text that may contain a token, in any
/// encoding, is replaced with `withheld_text`. The check covers the whole text, up to its first 64 KiB, before anything
/// is cut. It checks the text as it is and decoded (`decoded`, two rounds), each time squeezed to letters and digits
/// (`any_squeezed`).
///
/// When tokens are given, the text is withheld if it contains one of these: any 8 successive characters of a token
/// after its prefix; 11 of the token's base64 at any of the three alignments; 16 of its hexadecimal digits; three
/// different pieces of 5 characters. A value of fewer than 24 characters counts only as a whole. The prefix alone does
/// not count, because ordinary texts, such as documentation, contain it.
///
/// Without tokens, the text is withheld when it contains a token's prefix (`shows_token_prefix`), or possible pieces of
/// a secret in encoded form. It is also withheld when a word of 24 or more characters, with letters and digits, is
/// split by line ends, by combining or invisible characters, or into bytes by colons, or written in full-width forms.
/// Otherwise possible pieces of a secret are masked (`without_secret_words`).
///
/// The result has passed `printable` and is cut at `limit` bytes.
std::string outside_text(std::string_view text, const TokensAtHand& tokens, std::size_t limit = 300);

/// Whether `text` contains a piece of one of the tokens, by the first rule of `outside_text`.
bool carries_token(std::string_view text, const TokensAtHand& tokens);

/// A text from outside that has not been checked yet. Copies share the bytes, which are in locked memory.
class OutsideText {
 public:
  OutsideText() = default;
  explicit OutsideText(Secret raw) : raw_(std::make_shared<const Secret>(std::move(raw))) {}
  explicit OutsideText(std::string_view raw) : OutsideText(Secret::copy_of(raw)) {}

  bool empty() const { return raw().empty(); }

  /// The unchanged text. Use it for decisions, never for a message.
  std::string_view raw() const { return raw_ ? raw_->view() : std::string_view(); }

  /// `outside_text` of it.
  std::string shown(const TokensAtHand& tokens, std::size_t limit = 300) const {
    return outside_text(raw(), tokens, limit);
  }

 private:
  std::shared_ptr<const Secret> raw_;
};

}  // namespace jackin
