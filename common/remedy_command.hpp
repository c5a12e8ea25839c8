// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/remedy.hpp"

namespace jackin {

/// The words of a command that a user typed, the program's name first.
using TypedCommand = std::vector<std::string>;

/// The command as one line for a shell.
std::string shell_line(const TypedCommand& command);

/// The remedy for a user of the command line: a command that can be pasted into a POSIX shell, with the note as a
/// comment behind it. Empty when there is no remedy. `typed` is the command whose failure it is about. Without it, a
/// remedy that repeats the command is a comment alone. One line of printable UTF-8.
std::string command_line(const Remedy& remedy, const TypedCommand& typed = {});

}  // namespace jackin
