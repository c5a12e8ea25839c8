// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jackin::client {

/// The sequence that puts a text on the terminal's clipboard (OSC 52). Nothing for a text that is longer than terminals
/// take.
std::optional<std::string> clipboard_sequence(std::string_view text);

}  // namespace jackin::client
