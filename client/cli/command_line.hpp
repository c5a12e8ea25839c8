// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/rpc/exit_code.hpp"
#include "client/terminal/json.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"

namespace CLI {
class App;
}

namespace jackin::client {

/// A scope on the command line: `WORKSPACE [--role ROLE]` or `--global`.
struct ScopeArguments {
  std::string workspace;
  std::string role;
  bool global = false;

  /// Whether any of these arguments was given.
  bool given() const { return global || !workspace.empty() || !role.empty(); }
};

/// Adds the scope arguments to `command`. `arguments` must outlive the parsing.
void add_scope(CLI::App& command, ScopeArguments& arguments);

/// Returns the given scope. Errors: invalid_argument for no scope, for a role without a workspace, for both kinds at
/// once, and for bad names.
Result<Scope> scope_of(const ScopeArguments& arguments);

/// Adds `--format text|json` to `command`.
void add_format(CLI::App& command, Format& format);

/// For an option that accepts only one of `words`: returns the one that `word` is. Throws CLI11's error for any other
/// word, from within the option's callback.
std::size_t choice_of(const std::string& option, const std::string& word,
                      std::initializer_list<std::string_view> words);

/// Parses `arguments` (without the program's name) into `app`. Returns nothing on success. Otherwise returns output and
/// exit code: help or version and 0, or `error: … / try: …` and 2 for wrong usage.
struct ParseStop {
  int exit_code = exit_usage;
  std::string out;    ///< For stdout.
  std::string error;  ///< For stderr.
};
std::optional<ParseStop> parse_arguments(CLI::App& app, std::vector<std::string> arguments);

}  // namespace jackin::client
