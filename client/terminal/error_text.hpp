// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"
#include "common/error.hpp"

namespace jackin::client {

/// Formats an error for stderr, with its line end: `error: …` and, on the next line, `try: …` when there is a remedy.
/// As JSON: `{"error":{"reason","message","remedy"}}`.
std::string error_text(const Error& error, Format format, const OutputStyle& output);

}  // namespace jackin::client
