// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace jackin::client {

/// Finds the command `name` on `search_path` (PATH's syntax) as execvp does, but skips entries that are not absolute. A
/// program in the current folder must not receive a token by accident. A name with a slash is used as it is. Errors:
/// program_missing; permission_denied when the file exists but must not be executed.
Result<std::string> find_command(std::string_view name, std::string_view search_path);

}  // namespace jackin::client
