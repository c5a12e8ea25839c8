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

/// The tokens that a call works with, to be kept out of what is quoted. Null pointers and empty ones count as none.
/// Nothing is owned: the tokens live as long as it is used.
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

/// What stands in place of a text that may carry a token.
inline constexpr std::string_view withheld_text = "(its text is not shown: a part of a token may be in it)";

/// `text` from a program, a service or the API made fit for a message. It may carry a token, in any form that a program
/// gives it; then `withheld_text` stands in its place. Looked at is the whole text, at most its first 64 KiB, before
/// anything is cut: as it is and decoded (`decoded`, two rounds), each time squeezed to letters and digits
/// (`any_squeezed`).
///
/// With a token at hand the text is withheld when it has any 8 successive characters of the token behind its prefix,
/// 11 of the token's base64 at any of the three alignments, 16 of its hexadecimal digits, or three different pieces of
/// 5. A value of fewer than 24 characters counts only whole. The prefix counts for nothing: texts explain it.
///
/// With none at hand it is withheld when it shows a token's prefix (`shows_token_prefix`), and otherwise what may be a
/// piece of a secret is masked (`without_secret_words`).
///
/// What is shown has passed `printable` and is cut at `limit` bytes.
std::string outside_text(std::string_view text, const TokensAtHand& tokens, std::size_t limit = 300);

/// Whether `text` has a piece of one of the tokens, by the first rule of `outside_text`.
bool carries_token(std::string_view text, const TokensAtHand& tokens);

/// A text from outside that nobody has looked at yet. Copies share the bytes, which lie in locked memory.
class OutsideText {
 public:
  OutsideText() = default;
  explicit OutsideText(Secret raw) : raw_(std::make_shared<const Secret>(std::move(raw))) {}
  explicit OutsideText(std::string_view raw) : OutsideText(Secret::copy_of(raw)) {}

  bool empty() const { return raw().empty(); }

  /// As it came: to decide by, never for a message.
  std::string_view raw() const { return raw_ ? raw_->view() : std::string_view(); }

  /// `outside_text` of it.
  std::string shown(const TokensAtHand& tokens, std::size_t limit = 300) const {
    return outside_text(raw(), tokens, limit);
  }

 private:
  std::shared_ptr<const Secret> raw_;
};

}  // namespace jackin
