// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"
#include "common/error.hpp"
#include "common/remedy_command.hpp"

namespace jackin::client {

/// Formats an error for stderr, with a line end: `error: …`, and `try: …` on the next line if there is a remedy.
/// As JSON: `{"error":{"reason","message","remedy"}}`. `typed` is the command that failed; empty if unknown.
std::string error_text(const Error& error, Format format, const OutputStyle& output, const TypedCommand& typed = {});

}  // namespace jackin::client
