// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace jackin::client {

/// Where the command `name` is, looked up on `search_path` (PATH's syntax) as execvp does, but for entries that are not
/// absolute: a token is not handed to whatever lies in the current folder. A name with a slash is taken as it is.
/// Errors: program_missing; permission_denied when there is one that may not be run.
Result<std::string> find_command(std::string_view name, std::string_view search_path);

}  // namespace jackin::client
