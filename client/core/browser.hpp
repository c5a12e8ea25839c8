// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/environment.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Whether a browser that starts here is visible to the user. False over SSH. Otherwise true on macOS, with a display,
/// or when $BROWSER is set.
bool browser_shows_here(const Environment& environment);

/// Returns the program and arguments that open `url`: the first entry of $BROWSER whose program is found. With an empty
/// $BROWSER: xdg-open or open. Colons divide entries. Entries are split into words as in a shell (quotes and
/// backslashes), but nothing is expanded and no shell runs. The address replaces each `%s`; without `%s` it is the last
/// argument. The search on PATH skips entries that are relative or writable by every user. Never uses the desktop's
/// browser in place of a missing entry of $BROWSER. Errors: invalid_argument (the address is not plain https, or
/// $BROWSER has an open quote), program_missing.
Result<std::vector<std::string>> browser_command(const Environment& environment, std::string_view url);

/// Starts the browser without a shell, in a session of its own, with output to /dev/null. Does not wait; the caller
/// reaps the process. Errors: those of browser_command, program_failed.
Result<pid_t> open_browser(const Environment& environment, std::string_view url);

}  // namespace jackin::client
