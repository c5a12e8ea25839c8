// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace jackin {

/// A starting daemon reports to the client that started it over a pipe (`jackind --ready-fd N`). The report is one
/// line; then the daemon closes the pipe. A pipe that is closed without a line means that the daemon has ended.
enum class Readiness {
  ready,   ///< The daemon listens.
  exists,  ///< Another daemon holds the lock, and the client connects to it.
};

/// The line that reports `readiness`, with its line end.
std::string readiness_line(Readiness readiness);
/// The line that reports why the daemon cannot start. It contains the remedy as JSON.
std::string readiness_line(const Error& error);

/// Parses the whole text from the pipe. Errors: the error that the daemon reports; internal for a text that no daemon
/// writes.
Result<Readiness> parse_readiness(std::string_view text);

}  // namespace jackin
