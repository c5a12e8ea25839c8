// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/rpc/default_scope.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/terminal/json.hpp"
#include "common/result.hpp"

namespace CLI {
class App;
}

namespace jackin::client {

/// A scope on the command line: `WORKSPACE`, `WORKSPACE:ROLE`, `WORKSPACE --role ROLE` or `--global`.
struct ScopeArguments {
  std::optional<std::string> workspace;  ///< May be given and empty.
  std::optional<std::string> role;       ///< May be given and empty.
  bool global = false;

  /// Whether any of these arguments was given, also an empty one.
  bool given() const { return global || workspace.has_value() || role.has_value(); }
};

/// The types of arguments that completion completes with names: a workspace, and a scope.
inline constexpr std::string_view workspace_type = "WORKSPACE";
inline constexpr std::string_view scope_type = "WORKSPACE[:ROLE]";

/// Adds the scope arguments to `command`. The help text says that the command means `without_scope` when none is given.
/// `arguments` must outlive the parsing.
void add_scope(CLI::App& command, ScopeArguments& arguments,
               std::string_view without_scope = "the workspace of this folder");

/// Returns the given scope; the default workspace when no workspace and no --global is given. Errors: invalid_argument
/// for both kinds at once, for an argument that is given but empty, and for bad names.
Result<NamedScope> named_scope(const ScopeArguments& arguments);

/// The name of the workspace that `argument` means beside `--role`: a colon in it divides nothing.
std::string workspace_beside_role(const std::string& argument);

/// Adds `--format text|json`, `-o text|json` and `--json` to `command`.
void add_format(CLI::App& command, Format& format);

/// For an option that accepts only one of `words`: returns the one that `word` is. Throws CLI11's error for any other
/// word, from within the option's callback.
std::size_t choice_of(const std::string& option, const std::string& word,
                      std::initializer_list<std::string_view> words);

/// Returns the arguments with the options of `add_format` behind the command. They may also be before it, and
/// between its words: `jackinctl --json daemon status`.
std::vector<std::string> with_format_behind_command(const CLI::App& app, std::vector<std::string> arguments);

/// Parses `arguments` (without the program's name) into `app`. Returns nothing on success. Otherwise returns output and
/// exit code: help or version and 0, or `error: … / try: …` and 2 for wrong usage. A credential among the arguments is
/// wrong usage; the error does not quote it. An option with an empty value behind `=` is wrong usage too.
struct ParseStop {
  int exit_code = exit_usage;
  std::string out;    ///< For stdout.
  std::string error;  ///< For stderr.
};
std::optional<ParseStop> parse_arguments(CLI::App& app, std::vector<std::string> arguments);

}  // namespace jackin::client
