// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "common/environment.hpp"
#include "common/version.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::mint {

/// The claude program to run.
struct ClaudeProgram {
  std::filesystem::path path;
  DottedVersion version;
};

/// Finds claude for a client and asks it for its version (10 s at most). `wanted` is an absolute path, or a name to
/// find on the client's PATH; empty means "claude". Errors: program_missing (remedy: install it), program_failed (it
/// prints no version), timed_out, cancelled.
Task<ClaudeProgram> locate_claude(ProgramRunner& programs, const Environment& client, const std::string& wanted = {});

}  // namespace jackin::mint
