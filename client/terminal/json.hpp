// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace jackin::client {

/// The output of `--format json`: keys in the order of insertion.
using Json = nlohmann::ordered_json;

/// The output format of a command.
enum class Format { text, json };

/// Sets `value` under `key`, unless it is empty. Unset values are left out; false and 0 are printed.
void put_text(Json& object, std::string_view key, const std::string& value);

/// `value` on one line, without a line end. Bytes that are not UTF-8 become U+FFFD, so it never throws.
std::string as_text(const Json& value);
/// `as_text` with a line end.
std::string as_line(const Json& value);

}  // namespace jackin::client
