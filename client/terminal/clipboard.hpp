// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jackin::client {

/// Returns the sequence that copies `text` to the terminal's clipboard (OSC 52). Returns nothing if `text` is longer
/// than terminals accept.
std::optional<std::string> clipboard_sequence(std::string_view text);

}  // namespace jackin::client
