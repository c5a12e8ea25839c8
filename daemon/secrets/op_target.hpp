// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace jackin::secrets {

/// Where in 1Password a token will go: a place's key, taken apart. IDs for op, names for people. Never a secret.
struct OpTarget {
  std::string account;  ///< The account's ID; empty: a service account's own.
  std::string vault_id;
  std::string vault_name;
  std::string item_id;  ///< Empty: an item that is yet to be made.
  std::string item_title;
  std::string section_id;  ///< Empty: in no section.
  std::string section_label;
  std::string field_id;
  std::string field_label;
  bool new_section = false;
  bool new_field = false;  ///< Of an existing item, or of a new one one more than 1Password gives it.

  bool in_existing_item() const { return !item_id.empty(); }
  /// The reference to the field, in the item with that ID.
  std::string reference(std::string_view item) const;
  /// "Personal/Claude/credential"; printable.
  std::string path() const;

  friend bool operator==(const OpTarget&, const OpTarget&) = default;
};

/// As one line of JSON, and back. invalid_argument for a text that is none.
std::string to_key(const OpTarget& target);
Result<OpTarget> op_target_from(std::string_view key);

}  // namespace jackin::secrets
