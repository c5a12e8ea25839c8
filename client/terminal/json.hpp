// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace jackin::client {

/// What `--format json` prints: keys in the order they were put.
using Json = nlohmann::ordered_json;

/// How a command reports.
enum class Format { text, json };

/// Puts `value` under `key`, unless it is empty: what is unset is left out, what is false or 0 is printed.
void put_text(Json& object, std::string_view key, const std::string& value);

/// `value` on one line, without a line end. Bytes that are no UTF-8 become U+FFFD: never throws.
std::string as_text(const Json& value);
/// The same with a line end.
std::string as_line(const Json& value);

}  // namespace jackin::client
