// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/secret.hpp"

namespace jackin::config {

/// The names from the top of a file down to a key.
using KeyNames = std::vector<std::string>;

/// A TOML text that is edited in place: each call changes as few bytes as it can and leaves comments, order, spacing,
/// line ends, byte order mark and the missing last line end as they are. Not checked here: whoever edits parses the
/// result again and compares. The text may hold tokens, so it lives in Secrets.
///
/// Every call returns false, with the text unchanged, when the text has a shape that it cannot do it in.
class EditedText {
 public:
  explicit EditedText(std::string_view text) : text_(Secret::copy_of(text)) {}

  /// Puts `value` (TOML) in the place of the key's value, and `name` in the place of the key's last part when it is
  /// another. A comment beside them stays.
  bool replace(const KeyNames& key, std::string_view name, std::string_view value);

  /// Removes the key and its value: the whole line, with the comment on it, where nothing else stands there.
  bool remove(const KeyNames& key);

  /// Adds a key that the text does not have, where its table is: in the section, beside the dotted keys, or inside the
  /// inline table, whichever it is; in a new section when there is no such table yet. At least two names.
  bool add(const KeyNames& key, std::string_view value);

  /// The text, to be taken at the end.
  Secret take() && { return std::move(text_); }

 private:
  Secret text_;
};

}  // namespace jackin::config
