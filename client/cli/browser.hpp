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

/// Whether a browser that is started here shows up in front of the user: not over SSH, and with a display (or on
/// macOS, or where $BROWSER says how).
bool browser_shows_here(const Environment& environment);

/// The program and its arguments that open `url`: the first of $BROWSER's entries that is found; when $BROWSER is
/// empty, xdg-open or open. Entries are divided by colons and split into words as a shell would split them (quotes and
/// backslashes; nothing is expanded, no shell is run). Each `%s` in the arguments stands for the address, which else
/// comes last. Looked up on PATH without entries that are relative or writable by everybody. Errors: invalid_argument
/// for an address that is not plain https, and for a $BROWSER with an open quote; program_missing, also when none of
/// $BROWSER's entries is there: the desktop's own is no substitute for it.
Result<std::vector<std::string>> browser_command(const Environment& environment, std::string_view url);

/// Starts the browser without a shell, in a session of its own, its output to /dev/null; does not wait. The caller
/// reaps the process. Errors: those of browser_command, program_failed.
Result<pid_t> open_browser(const Environment& environment, std::string_view url);

}  // namespace jackin::client
