// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include "common/secret.hpp"

namespace jackin::client {

enum class KeyName {
  character,  ///< `Key::code`; with `ctrl` it is a lower-case letter or one of `@[\]^_`.
  enter,
  tab,
  back_tab,
  backspace,
  escape,
  insert,
  del,
  up,
  down,
  left,
  right,
  home,
  end,
  page_up,
  page_down,
  function,  ///< `Key::code` is its number, from 1.
  unknown,   ///< An unknown sequence, which `Key::bytes` holds.
};

/// One key stroke.
struct Key {
  KeyName name = KeyName::character;
  char32_t code = 0;
  bool ctrl = false;
  bool alt = false;
  bool shift = false;
  /// The bytes that the terminal sent. claude receives them unchanged.
  std::string bytes{};

  /// A printable character, as in a text field.
  bool is_text() const { return name == KeyName::character && !ctrl && !alt && code >= U' '; }
  /// A character with Ctrl, without Alt.
  bool is_ctrl(char32_t letter) const { return name == KeyName::character && ctrl && !alt && code == letter; }
  /// A letter in either case, without Ctrl and Alt.
  bool is_letter(char32_t small) const {
    return is_text() && (code == small || (small >= U'a' && small <= U'z' && code == small - U'a' + U'A'));
  }
};

/// A pasted text. It may be a code from the browser, so it is kept as a secret.
struct Paste {
  Secret text{};
  bool cut = false;  ///< It was longer than `most_pasted` bytes; the rest was dropped.
};

/// No code or address that a user pastes is longer.
constexpr std::size_t most_pasted = 65536;

/// The code in a paste, without blanks, line ends and control characters. Empty if the paste has no other characters;
/// nothing if it is longer than any code.
std::optional<Secret> code_in(const Paste& paste);

/// A mouse event. Rows and columns are counted from 0.
struct Mouse {
  enum class Kind { press, release, wheel_up, wheel_down, other };
  Kind kind = Kind::other;
  int button = 0;  ///< 0 left, 1 middle, 2 right.
  int row = 0;
  int column = 0;
  friend bool operator==(const Mouse&, const Mouse&) = default;
};

using Input = std::variant<Key, Paste, Mouse>;

}  // namespace jackin::client
