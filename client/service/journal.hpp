// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/environment.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// The command that shows what jackind has logged to the journal as a service of the user's: all of it, or its last
/// `lines` lines; with `follow` also what is added. Error: program_missing.
Result<std::vector<std::string>> journal_command(const Environment& environment, std::optional<std::size_t> lines,
                                                 bool follow);

/// Shows it on `out` and `err`. `go_on`, if any, waits a while and says whether to go on; where not, the command is
/// ended, which is no error. Errors: program_failed, and as above.
Result<> show_journal(const Environment& environment, std::optional<std::size_t> lines, int out, int err,
                      const std::function<bool()>& go_on = {});

}  // namespace jackin::client
