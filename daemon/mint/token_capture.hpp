// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/secret.hpp"
#include "common/token_shape.hpp"
#include "daemon/mint/screen.hpp"
#include "daemon/mint/wrapped_text.hpp"

namespace jackin::mint {

/// What begins every credential of Anthropic's.
inline constexpr std::string_view credential_prefix = "sk-ant-";

/// A token that stood on the screen.
struct CapturedToken {
  Secret token;
  /// False: it begins as a token does, but is of no known shape. Only the API can say whether it is one, and whole.
  bool known_shape = false;
  /// How long it is valid, when the screen says it (`lifetime_beside`).
  std::optional<std::chrono::days> lifetime;
};

/// Finds the token on the screen's cells, wherever and however it was drawn, and remembers it when the cells change
/// afterwards. One thread at a time.
class TokenCapture {
 public:
  /// Looks at the screen; call after every write and before every resize. What it finds later replaces what it found
  /// earlier, except that a token of known shape is only replaced by another of known shape.
  void observe(const Screen& screen);

  /// Whether the start of a credential has ever stood on the screen: `sk-ant-`, or `skantoat` when all but letters and
  /// digits is left out, as of a token that is drawn with spaces or dots, in groups or full-width. From then on no
  /// frame of the screen may leave.
  bool sighted() const { return sighted_; }

  /// The best of what was found so far; nothing until then.
  const std::optional<CapturedToken>& found() const { return found_; }
  bool found_whole() const { return found_ && found_->known_shape; }

  /// Hands the find over.
  std::optional<CapturedToken> take() { return std::exchange(found_, std::nullopt); }

 private:
  void keep(const WrappedText& text, int length, bool known_shape, std::optional<std::chrono::days> lifetime);

  bool sighted_ = false;
  std::optional<CapturedToken> found_;
};

}  // namespace jackin::mint
