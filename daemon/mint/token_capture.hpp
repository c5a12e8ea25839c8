// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/claude.hpp"
#include "common/secret.hpp"
#include "daemon/mint/screen.hpp"
#include "daemon/mint/wrapped_text.hpp"

namespace jackin::mint {

/// A token that was on the screen.
struct CapturedToken {
  Secret token;
  /// False: it has the prefix of a token, but no known shape. Only the API can confirm that it is a complete token.
  bool known_shape = false;
  /// How long it is valid, when claude shows that on the screen.
  std::optional<std::chrono::days> lifetime;
};

/// Finds the token on the screen's cells, wherever and however it was drawn, and keeps it when the cells change later.
/// One thread at a time.
class TokenCapture {
 public:
  /// Examines the screen; call after every write and before every resize. A later find replaces an earlier one, except
  /// that only a token of known shape replaces a token of known shape.
  void observe(const Screen& screen);

  /// Whether the start of a credential has ever been on the screen: `sk-ant-`, or `skantoat` when all but letters and
  /// digits is removed. The second covers a token drawn with spaces or dots, in groups or full-width. From then on no
  /// frame of the screen may be sent.
  bool sighted() const { return sighted_; }

  /// The best token found so far; nothing before that.
  const std::optional<CapturedToken>& found() const { return found_; }
  bool found_whole() const { return found_ && found_->known_shape; }

  /// Moves the found token to the caller.
  std::optional<CapturedToken> take() { return std::exchange(found_, std::nullopt); }

 private:
  void keep(const WrappedText& text, int length, bool known_shape, std::optional<std::chrono::days> lifetime);

  bool sighted_ = false;
  std::optional<CapturedToken> found_;
};

}  // namespace jackin::mint
