// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace jackin::secrets {

/// A parsed 1Password secret reference, `op://<vault>/<item>/[<section>/]<field>`. Each part is a name or an ID. A
/// value.
struct OpReference {
  std::string vault;
  std::string item;
  std::string section;  ///< Empty: none.
  std::string field;
  std::string query;  ///< `attribute=…`, without the question mark; empty: the value itself.

  std::string str() const;
  /// Whether it names the vault and the item by their IDs.
  bool is_by_ids() const;

  friend bool operator==(const OpReference&, const OpReference&) = default;
};

/// invalid_argument when `text` is no such reference.
Result<OpReference> parse_op_reference(std::string_view text);

/// Whether `text` has the form of an ID of a vault or an item: 26 lower-case letters and digits. 1Password creates them
/// in base32, but its documentation shows others, so base32 is not required.
bool is_op_id(std::string_view text);

/// A new ID as 1Password makes them: 128 random bits, 26 characters of lower-case base32.
std::string new_op_id();

/// Whether a name can be part of a reference: `op` accepts letters, digits, `-`, `_`, `.` and the space there, and
/// requires the ID otherwise.
bool fits_op_reference(std::string_view name);

}  // namespace jackin::secrets
