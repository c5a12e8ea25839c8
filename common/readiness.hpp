// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace jackin {

/// The message that a starting daemon sends to the client that started it, over a pipe (`jackind --ready-fd N`): one
/// line, then the end of the pipe. An end without a line means that the daemon has ended.
enum class Readiness {
  ready,   ///< The daemon listens.
  exists,  ///< Another daemon holds the lock; the client connects to that one.
};

/// The line for a readiness, with its line end.
std::string readiness_line(Readiness readiness);
/// The line for a daemon that cannot start, with the reason. The remedy is JSON.
std::string readiness_line(const Error& error);

/// Parses the whole text from the pipe. Errors: the daemon's own error; internal for a text that no daemon writes.
Result<Readiness> parse_readiness(std::string_view text);

}  // namespace jackin
