// SPDX-License-Identifier: Apache-2.0
#include "client/cli/command_line.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iterator>
#include <sstream>
#include <utility>

#include "client/terminal/error_text.hpp"
#include "common/pasted_credential.hpp"
#include "common/text_characters.hpp"
#include "common/untrusted_text.hpp"

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

// Whether `word` is one of the options of `add_format`.
bool is_format_option(std::string_view word) {
  return word == "--format" || word.starts_with("--format=") || word == "--json" ||
         (word.starts_with("-o") && !word.starts_with("--"));
}

// With JSON output a parse error is JSON too. The parser may have failed before it reached the option.
bool asks_for_json(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    const std::string& word = arguments[i];
    if (word == "--json" || word == "--format=json" || word == "-ojson" || word == "-o=json") return true;
    if ((word == "--format" || word == "-o") && i + 1 < arguments.size() && arguments[i + 1] == "json") return true;
  }
  return false;
}

// The first option with an empty value behind `=`, without the `=`; empty when there is none. CLI11 would take the next
// argument as the value.
std::string option_without_value(const std::vector<std::string>& arguments) {
  for (const std::string& word : arguments) {
    if (word == "--") break;
    if (word.starts_with("--") && word.size() > 3 && word.find('=') == word.size() - 1) {
      return word.substr(0, word.size() - 1);
    }
  }
  return {};
}

const CLI::App& innermost(const CLI::App& app) {
  const auto below = app.get_subcommands();
  return below.empty() ? app : innermost(*below.front());
}

}  // namespace

void add_scope(CLI::App& command, ScopeArguments& arguments, std::string_view without_scope) {
  // `named_scope` reports arguments that exclude each other. CLI11 would print such rules in the help text.
  // CLI11 converts an empty argument to an optional without a value. Callbacks get the empty text.
  const auto take_workspace = [&arguments](const std::string& word) { arguments.workspace = word; };
  const auto take_role = [&arguments](const std::string& word) { arguments.role = word; };
  command
      .add_option_function<std::string>("workspace", take_workspace,
                                        "Workspace name (default: " + std::string(without_scope) + ")")
      ->type_name(std::string(scope_type));
  command.add_option_function<std::string>("--role", take_role, "Role in that workspace")->type_name("ROLE");
  command.add_flag("--global", arguments.global, "Use the global default, which applies to every workspace");
}

Result<NamedScope> named_scope(const ScopeArguments& arguments) {
  // An unset variable of a script makes an argument empty. The default workspace can be another one than the script
  // means.
  if (arguments.workspace && arguments.workspace->empty()) {
    return failure(Reason::invalid_argument,
                   "the workspace is empty; name one, or leave the argument out for the default workspace",
                   Remedy::of(RemedyAction::list_scopes));
  }
  if (arguments.role && arguments.role->empty()) {
    return failure(Reason::invalid_argument, "the role is empty; name one, or leave --role out",
                   Remedy::of(RemedyAction::list_scopes));
  }
  if (arguments.global) {
    if (!arguments.workspace && !arguments.role) return NamedScope{Scope::global()};
    return failure(Reason::invalid_argument, "--global cannot be combined with a workspace or --role");
  }
  if (!arguments.workspace) return NamedScope{std::nullopt, arguments.role.value_or(std::string())};
  if (!arguments.role) {
    TRY(Scope scope, Scope::typed(*arguments.workspace));
    return NamedScope{std::move(scope)};
  }
  TRY(Scope scope, Scope::selected_role(workspace_beside_role(*arguments.workspace), *arguments.role));
  return NamedScope{std::move(scope)};
}

std::string workspace_beside_role(const std::string& argument) {
  const auto typed = Scope::typed(argument);
  if (typed && !typed->has_role()) return typed->workspace_name();
  // Output shows names with `\xHH`, so names pasted from it are unescaped.
  return unescaped_bytes(argument);
}

void add_format(CLI::App& command, Format& format) {
  const auto take = [&format](const std::string& word) {
    format = choice_of("--format", word, {"text", "json"}) == 0 ? Format::text : Format::json;
  };
  command.add_option_function<std::string>("--format,-o", take, "Output format")->type_name("text|json");
  command.add_flag_callback(
      "--json", [&format] { format = Format::json; }, "Output JSON, as --format json");
}

std::vector<std::string> with_format_behind_command(const CLI::App& app, std::vector<std::string> arguments) {
  std::vector<std::string> command;
  std::vector<std::string> format;
  const CLI::App* reached = &app;
  auto at = arguments.begin();
  while (at != arguments.end()) {
    if (is_format_option(*at)) {
      const bool takes_next = *at == "--format" || *at == "-o";
      format.push_back(std::move(*at++));
      if (takes_next && at != arguments.end()) format.push_back(std::move(*at++));
      continue;
    }
    const auto below = reached->get_subcommands([&at](const CLI::App* one) { return one->get_name() == *at; });
    if (below.empty()) break;
    reached = below.front();
    command.push_back(std::move(*at++));
  }
  command.insert(command.end(), std::make_move_iterator(format.begin()), std::make_move_iterator(format.end()));
  command.insert(command.end(), std::make_move_iterator(at), std::make_move_iterator(arguments.end()));
  return command;
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
  // First, because errors of the parser quote arguments.
  if (std::any_of(arguments.begin(), arguments.end(), shows_credential)) {
    ParseStop stop;
    stop.error = error_text(pasted_credential("an argument"), asks_for_json(arguments) ? Format::json : Format::text,
                            OutputStyle{});
    return stop;
  }
  const bool json = asks_for_json(arguments);
  if (const std::string option = option_without_value(arguments); !option.empty()) {
    ParseStop stop;
    stop.error = error_text(
        {Reason::invalid_argument, printable(option) + " has an empty value", Remedy::show_help({app.get_name()})},
        json ? Format::json : Format::text, OutputStyle{});
    return stop;
  }
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
