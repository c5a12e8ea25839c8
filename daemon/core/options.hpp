// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/os/find_paths.hpp"

namespace jackin {

/// jackind's command line.
struct Options {
  bool foreground = false;
  PathOptions folders;
  std::optional<std::string> log_level;
  int ready_fd =
      -1;  ///< Where the daemon reports that it listens, or why it does not (common/readiness.hpp); -1: nowhere.
};

/// What to do instead of running: print the texts and exit with this code.
struct Stop {
  int exit_code = 0;
  std::string output;
  std::string errors;
};

/// The descriptor that `--ready-fd` names, -1 when there is none. main needs it first, because it then closes every
/// other descriptor.
int find_ready_fd(int argc, const char* const* argv);

/// Reads the command line into `options`. Returns nothing when the daemon can run.
std::optional<Stop> parse_options(int argc, const char* const* argv, Options& options);

}  // namespace jackin
