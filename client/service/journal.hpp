// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Returns the command that prints the journal of the user's jackind service: all of it, or its last `lines` lines.
/// With `follow` it also prints added lines. Errors: program_missing.
Result<std::vector<std::string>> journal_command(const Environment& environment, std::optional<std::size_t> lines,
                                                 bool follow);

/// Prints the journal to `out` and `err`. `go_on`, if any, waits a while and returns whether to continue. When it
/// returns false, the command is ended, which is not an error. Errors: program_failed, and as above.
Result<> show_journal(const Environment& environment, std::optional<std::size_t> lines, int out, int err,
                      const std::function<bool()>& go_on = {});

}  // namespace jackin::client
