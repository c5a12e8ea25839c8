// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "daemon/secrets/op_types.hpp"

namespace jackin::secrets {

/// Parse the output of `op --format json` without keeping any field's value. `what` names the request in an Error ("the
/// item abc…"); an Error never contains text of the output. Forms of op 2.4 to 2.40: absent values, `section` null or
/// missing, times in UTC or local with an offset and a fraction, dates as Unix seconds. Unknown keys are ignored.
/// Errors: program_failed (not JSON, or required members are missing).
Result<std::vector<OpAccount>> parse_op_accounts(std::string_view json, std::string_view what);
Result<OpIdentity> parse_op_identity(std::string_view json, std::string_view what);
Result<std::vector<OpVault>> parse_op_vaults(std::string_view json, std::string_view what);
Result<std::vector<OpItem>> parse_op_items(std::string_view json, std::string_view what);
Result<OpItem> parse_op_item(std::string_view json, std::string_view what);

/// Only the value of the item's field at `position` in `fields`; empty when it has none. Errors: program_failed.
Result<Secret> op_field_value(std::string_view json, std::size_t position, std::string_view what);

/// The expiry in an item's notes; nothing when they are not jackin's.
std::optional<OpNotedExpiry> parse_op_notes(std::string_view notes);

/// The calendar day in UTC of a DATE field's value: Unix seconds (op's form), or "2027-01-01".
std::optional<Date> parse_op_date(std::string_view value);

}  // namespace jackin::secrets
