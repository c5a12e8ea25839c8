// SPDX-License-Identifier: Apache-2.0
#include "client/cli/command_line.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <sstream>

#include "client/terminal/error_text.hpp"
#include "common/text_characters.hpp"

namespace jackin::client {
namespace {

// The command that the parsed part of the arguments names: jackinctl, daemon, logs.
std::vector<std::string> chosen(const CLI::App& app) {
  std::vector<std::string> words{app.get_name()};
  for (auto below = app.get_subcommands(); !below.empty(); below = below.front()->get_subcommands()) {
    words.push_back(below.front()->get_name());
  }
  return words;
}

const CLI::App& innermost(const CLI::App& app) {
  const auto below = app.get_subcommands();
  return below.empty() ? app : innermost(*below.front());
}

}  // namespace

void add_scope(CLI::App& command, ScopeArguments& arguments) {
  // `scope_of` reports arguments that exclude each other. CLI11 would print such rules in the help text.
  command.add_option("workspace", arguments.workspace, "Workspace name")->type_name("WORKSPACE");
  command.add_option("--role", arguments.role, "Role in that workspace")->type_name("ROLE");
  command.add_flag("--global", arguments.global, "Global default, which applies to every workspace");
}

Result<Scope> scope_of(const ScopeArguments& arguments) {
  if (arguments.global) {
    if (arguments.workspace.empty() && arguments.role.empty()) return Scope::global();
    return failure(Reason::invalid_argument, "--global cannot be combined with a workspace or --role");
  }
  if (arguments.workspace.empty()) {
    return failure(Reason::invalid_argument, "name a workspace, or --global", Remedy::of(RemedyAction::list_scopes));
  }
  // Output shows names with `\xHH`, so names pasted from it are unescaped.
  const std::string workspace = unescaped_bytes(arguments.workspace);
  if (arguments.role.empty()) return Scope::workspace(workspace);
  return Scope::role(workspace, arguments.role);
}

void add_format(CLI::App& command, Format& format) {
  const auto take = [&format](const std::string& word) {
    format = choice_of("--format", word, {"text", "json"}) == 0 ? Format::text : Format::json;
  };
  command.add_option_function<std::string>("--format", take, "Output format")->type_name("text|json");
}

std::size_t choice_of(const std::string& option, const std::string& word,
                      std::initializer_list<std::string_view> words) {
  std::string known;
  std::size_t at = 0;
  for (const std::string_view one : words) {
    if (one == word) return at;
    ++at;
    known += (known.empty() ? "" : at == words.size() ? " or " : ", ") + std::string(one);
  }
  throw CLI::ValidationError(option, "takes " + known + ", not '" + word + "'");
}

std::optional<ParseStop> parse_arguments(CLI::App& app, std::vector<std::string> arguments) {
  // With JSON output a parse error is JSON too. The parser may have failed before it reached --format.
  const auto at = std::find(arguments.begin(), arguments.end(), "--format");
  const bool json = (at != arguments.end() && std::next(at) != arguments.end() && *std::next(at) == "json") ||
                    std::find(arguments.begin(), arguments.end(), "--format=json") != arguments.end();
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(std::move(arguments));
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    ParseStop stop;
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
      std::ostringstream out;
      std::ostringstream ignored;
      app.exit(error, out, ignored);
      stop.exit_code = exit_done;
      stop.out = out.str();
      return stop;
    }
    std::string message = error.what();
    const auto unknown = app.remaining(true);
    const bool lacks_command = unknown.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr &&
                               innermost(app).get_require_subcommand_min() > 0;
    if (lacks_command) {
      ParseStop help;
      help.error = app.help();
      return help;
    }
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && !unknown.empty()) {
      message = "unknown command '" + unknown.front() + "'";
    }
    std::replace(message.begin(), message.end(), '\n', ' ');
    stop.error = error_text({Reason::invalid_argument, message, Remedy::show_help(chosen(app))},
                            json ? Format::json : Format::text, OutputStyle{});
    return stop;
  }
}

}  // namespace jackin::client
