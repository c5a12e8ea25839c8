// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace jackin {

/// What a starting daemon tells the client that started it, over a pipe (`jackind --ready-fd N`): one line, then the
/// end of the pipe. A pipe that ends without a line means that the daemon died.
enum class Readiness {
  ready,   ///< It listens.
  exists,  ///< Another daemon holds the lock; connect to that one.
};

/// The line for a readiness, with its line end.
std::string readiness_line(Readiness readiness);
/// The line for a daemon that cannot start, and why.
std::string readiness_line(const Error& error);

/// Reads what the pipe gave, whole. The daemon's own error; internal when it is nothing that a daemon writes.
Result<Readiness> parse_readiness(std::string_view text);

}  // namespace jackin
