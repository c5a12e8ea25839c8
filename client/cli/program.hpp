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

/// Runs jackinctl: parses `arguments` (without the program's name), runs the command, and returns the exit code.
int run_jackinctl(std::vector<std::string> arguments, const CommandContext& context);

/// The chosen command. Set during parsing, run after all arguments are parsed.
using Chosen = std::function<int(const CommandContext&)>;

/// Each function adds one command with its options to `parent`. The command sets `chosen` when the user chooses it.
/// `chosen` must outlive the parsing.
void add_setup(CLI::App& parent, Chosen& chosen);
void add_rotate(CLI::App& parent, Chosen& chosen);
void add_revoke(CLI::App& parent, Chosen& chosen);
void add_probe(CLI::App& parent, Chosen& chosen);
void add_doctor(CLI::App& parent, Chosen& chosen);
void add_status(CLI::App& parent, Chosen& chosen);
void add_watch(CLI::App& parent, Chosen& chosen);
void add_show(CLI::App& parent, Chosen& chosen);
void add_operations(CLI::App& parent, Chosen& chosen);
/// `exec` and `env`. `command` holds the words behind `--` when the chosen command runs.
void add_launch(CLI::App& parent, Chosen& chosen, const std::vector<std::string>& command);
void add_list(CLI::App& parent, Chosen& chosen);
void add_lock(CLI::App& parent, Chosen& chosen);
void add_daemon(CLI::App& parent, Chosen& chosen);
void add_logs(CLI::App& parent, Chosen& chosen);
void add_completion(CLI::App& parent, Chosen& chosen);
void add_tui(CLI::App& parent, Chosen& chosen);
/// `help` and `version`. The commands read `app`, which must outlive `chosen`.
void add_help(CLI::App& app, Chosen& chosen);
void add_version(CLI::App& app, Chosen& chosen);

/// Answers the completion scripts. `arguments` begins with the shell's name. For bash, the line up to the cursor,
/// COMP_WORDBREAKS and the command's name as typed follow. For other shells, the words after the program's name follow;
/// the last one is being typed. Prints the completions in the form that the shell's script reads: one candidate a line.
/// A line that begins with a tab asks the shell for paths. Starts no daemon, waits only briefly for one, prints no
/// errors, and returns 0.
int run_complete(const CLI::App& app, std::vector<std::string> arguments, const CommandContext& cli);

}  // namespace jackin::client
