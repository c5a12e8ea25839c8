#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/environment.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// Whether a browser that is started here shows up in front of the person: not over SSH, and with a display (or on
/// macOS, or where $BROWSER says how).
bool browser_shows_here(const Environment& environment);

/// The program and its arguments that open `url`: the first of $BROWSER's entries that is found (divided by colons,
/// `%s` stands for the address, which else comes last), else xdg-open or open. Looked up on PATH without entries that
/// are relative or writable by everybody. Errors: invalid_argument for an address that is not plain https,
/// program_missing.
Result<std::vector<std::string>> browser_command(const Environment& environment, std::string_view url);

/// Starts the browser without a shell, in a session of its own, its output to /dev/null; does not wait. The caller
/// reaps the process. Errors: those of browser_command, program_failed.
Result<pid_t> open_browser(const Environment& environment, std::string_view url);

}  // namespace jackin::client
