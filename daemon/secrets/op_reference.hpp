// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace jackin::secrets {

/// A secret reference of 1Password's, `op://<vault>/<item>/[<section>/]<field>`, taken apart. Each part is a name or an
/// ID. A value.
struct OpReference {
  std::string vault;
  std::string item;
  std::string section;  ///< Empty: none.
  std::string field;
  std::string query;  ///< `attribute=…`, without the question mark; empty: the value itself.

  std::string str() const;

  friend bool operator==(const OpReference&, const OpReference&) = default;
};

/// invalid_argument when `text` is no such reference.
Result<OpReference> parse_op_reference(std::string_view text);

/// Whether `text` has the form of an ID of a vault or an item: 26 lower-case letters and digits. 1Password makes them
/// of base32, but its documentation shows others, so that is not insisted on.
bool is_op_id(std::string_view text);

/// A new ID as 1Password makes them: 128 random bits, 26 characters of lower-case base32.
std::string new_op_id();

/// Whether a name can stand in a reference: `op` accepts letters, digits, `-`, `_`, `.` and the space there, and wants
/// the ID for anything else.
bool fits_op_reference(std::string_view name);

}  // namespace jackin::secrets
