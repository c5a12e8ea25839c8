// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace jackin::secrets {

/// The planned place of a token in 1Password: a parsed place key. IDs for op, names for display. Never a secret.
struct OpTarget {
  std::string account;  ///< The account's ID; empty: a service account's own.
  std::string vault_id;
  std::string vault_name;
  std::string item_id;  ///< Empty: an item that is not created yet.
  std::string item_title;
  std::string section_id;  ///< Empty: no section.
  std::string section_label;
  std::string field_id;
  std::string field_label;
  bool new_section = false;
  bool new_field = false;  ///< In an existing item; or, in a new item, a field beyond those that 1Password creates.

  bool in_existing_item() const { return !item_id.empty(); }
  /// The reference to the field, in the item with that ID.
  std::string reference(std::string_view item) const;
  /// "Personal/Claude/credential"; printable.
  std::string path() const;

  friend bool operator==(const OpTarget&, const OpTarget&) = default;
};

/// Converts to one line of JSON and back. invalid_argument for any other text.
std::string to_key(const OpTarget& target);
Result<OpTarget> op_target_from(std::string_view key);

}  // namespace jackin::secrets
