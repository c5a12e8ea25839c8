// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

#include "common/remedy.hpp"

namespace jackin {

/// Converts to a JSON object; null when the remedy is empty. A string that is not UTF-8 becomes an array of its bytes.
nlohmann::json to_json(const Remedy& remedy);

/// Converts back. A text, which older versions of jackind wrote, becomes the note of a remedy without an action; so
/// does the note of an action that this version does not know. What cannot be read is left out.
Remedy remedy_from_json(const nlohmann::json& json);

/// A string in JSON: as it is when it is UTF-8, else as an array of its bytes. `string_from_json` is its reverse; empty
/// for anything else.
nlohmann::json string_to_json(const std::string& text);
std::string string_from_json(const nlohmann::json& json);

}  // namespace jackin
