// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/secret.hpp"

namespace jackin::config {

/// The names from the top level of a file down to a key.
using KeyNames = std::vector<std::string>;

/// A TOML text that is edited in place. Each call changes as few bytes as possible and keeps comments, order, spacing,
/// line ends, byte order mark and a missing last line end. The caller must parse and compare the result. The text may
/// hold tokens, so it is in Secrets.
///
/// Every call returns false, with the text unchanged, when it does not support the text's form.
class EditedText {
 public:
  explicit EditedText(std::string_view text) : text_(Secret::copy_of(text)) {}

  /// Replaces the key's value with `value` (TOML), and the key's last part with `name` when it differs. Keeps a comment
  /// beside them.
  bool replace(const KeyNames& key, std::string_view name, std::string_view value);

  /// Removes the key and its value: the whole line, with its comment, when the line contains nothing else.
  bool remove(const KeyNames& key);

  /// Adds a missing key where its table is: in the section, beside the dotted keys, or inside the inline table; in a
  /// new section when there is no such table. At least two names.
  bool add(const KeyNames& key, std::string_view value);

  /// Moves the text out; call it last.
  Secret take() && { return std::move(text_); }

 private:
  Secret text_;
};

}  // namespace jackin::config
