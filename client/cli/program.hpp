// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client/cli/command_context.hpp"

namespace CLI {
class App;
}

namespace jackin::client {

/// jackinctl: understands `arguments` (without the program's name), does it, and returns the exit code.
int run_jackinctl(std::vector<std::string> arguments, const CommandContext& context);

/// What the command line chose; set while it is parsed, run when all of it was understood.
using Chosen = std::function<int(const CommandContext&)>;

/// Each adds one command with its options to `parent`; when it is chosen, `chosen` is set. `chosen` must outlive the
/// parsing.
void add_setup(CLI::App& parent, Chosen& chosen);
void add_rotate(CLI::App& parent, Chosen& chosen);
void add_revoke(CLI::App& parent, Chosen& chosen);
void add_probe(CLI::App& parent, Chosen& chosen);
void add_doctor(CLI::App& parent, Chosen& chosen);
void add_status(CLI::App& parent, Chosen& chosen);
void add_watch(CLI::App& parent, Chosen& chosen);
void add_lock(CLI::App& parent, Chosen& chosen);
void add_daemon(CLI::App& parent, Chosen& chosen);
void add_completion(CLI::App& parent, Chosen& chosen);

/// What the completion scripts ask. `arguments` is the shell's name; then, for bash, the line up to the cursor,
/// COMP_WORDBREAKS and the command's name as typed; for the others the words behind the program's name, the last of
/// them being typed. Prints how it can go on, in the form that the shell's script reads: a candidate a line, and where
/// a path is wanted a line that begins with a tabulator. Starts no daemon, waits for none for long, says nothing of
/// what it cannot understand, and returns 0.
int run_complete(const CLI::App& app, std::vector<std::string> arguments, const CommandContext& cli);

}  // namespace jackin::client
