// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"
#include "common/error.hpp"

namespace jackin::client {

/// An error as it goes to stderr, with its line end: `error: …` and, below, `try: …` when there is a remedy; as JSON
/// `{"error":{"reason","message","remedy"}}`.
std::string error_text(const Error& error, Format format, const OutputStyle& output);

}  // namespace jackin::client
