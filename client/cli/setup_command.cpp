// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <memory>
#include <utility>

#include "client/cli/line_prompt.hpp"
#include "client/cli/place_questions.hpp"
#include "client/cli/program.hpp"
#include "client/cli/scope_choice.hpp"
#include "client/cli/token_arguments.hpp"
#include "client/cli/token_report.hpp"
#include "client/cli/token_run.hpp"
#include "client/cli/token_without_terminal.hpp"
#include "client/rpc/exit_code.hpp"

namespace jackin::client {
namespace {

struct SetupArguments : TokenArguments {
  SetupOptions options;
  bool interactive = false;
};

std::filesystem::path current_folder() {
  std::error_code error;
  auto folder = std::filesystem::current_path(error);
  return error ? std::filesystem::path("/") : folder;
}

// For a folder without a workspace, proposes a new one with the folder's name in place of the list of workspaces.
Error of_folder(Error error, const std::filesystem::path& folder) {
  const auto workspace = Scope::workspace(folder.filename().string());
  if (error.remedy.action == RemedyAction::list_scopes && workspace)
    error.remedy = Remedy::of(RemedyAction::create_workspace, *workspace);
  return error;
}

// Asks the questions of `--interactive` before anything else happens.
Result<> ask_in_steps(const CommandContext& cli, int screen, v1::StorePlace& place) {
  TRY(SignalWatch signals, SignalWatch::start({SIGINT, SIGTERM, SIGHUP}));
  LinePrompt prompt(cli, signals, screen);
  TRY(ask_for_place(prompt, cli.connector(), cli.environment, place));
  return expect_no_credential_in(place);
}

int run_setup(const SetupArguments& arguments, const CommandContext& cli) {
  const auto fail = [&](const Error& error) { return cli.fail(error, arguments.format); };
  const SetupOptions& options = arguments.options;
  if (arguments.interactive && (options.plain || !options.reuse.empty())) {
    return fail({Reason::invalid_argument,
                 std::string("--interactive cannot be combined with ") + (options.plain ? "--plain" : "--reuse"),
                 {}});
  }
  const auto chosen = choose_scope(arguments.scope, cli);
  if (!chosen) return fail(arguments.scope.given() ? chosen.error() : of_folder(chosen.error(), current_folder()));
  const Scope& scope = chosen->scope;
  auto request = setup_request(scope, options, cli.environment, current_folder());
  if (!request) return fail(request.error());

  const int screen = arguments.interactive ? prompt_screen(cli, arguments.format) : -1;
  if (arguments.interactive && screen < 0) {
    return fail({Reason::needs_confirmation, "--interactive asks questions, but this is not a terminal",
                 Remedy::setup(scope).noting("with --store, --vault, --item-name and --field as needed")});
  }
  // An adopted token needs no code.
  if (options.reuse.empty() && no_code_can_come(arguments.format, cli)) return fail(no_consent_possible());

  if (arguments.interactive) {
    const auto asked = ask_in_steps(cli, screen, *request->mutable_token()->mutable_place());
    if (!asked) return fail(asked.error());
  }
  // Connect only now: the daemon closes a connection after half a minute without a call.
  const auto connection = cli.connect();
  if (!connection) return fail(connection.error());
  auto signals = watch_signals_of_token_run();
  if (!signals) return fail(signals.error());
  v1::TokenInput first;
  *first.mutable_setup() = *std::move(request);
  const auto report = run_token_operation(*connection, std::move(first), scope, arguments, cli, *signals);
  if (!report) return fail(report.error());
  return cli.report(arguments.format == Format::json ? as_line(token_json(*report)) : token_text(*report),
                    arguments.format);
}

}  // namespace

void add_setup(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("setup", "Create a workspace's token and store it");
  command->footer(
      "Examples:\n"
      "  jackinctl setup my-app --create\n"
      "  jackinctl setup my-app --vault Work --item-name 'Claude {ws}'\n"
      "  jackinctl setup my-app --reuse op://Work/Claude/credential\n"
      "\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 4 no daemon, 5 cancelled, 6 busy.");
  const auto arguments = std::make_shared<SetupArguments>();
  add_token_arguments(*command, *arguments, arguments->options);
  command->add_flag("--interactive,-i", arguments->interactive, "Ask where to store the token, step by step");
  command->add_option("--field", arguments->options.field, "Field of the 1Password item")->type_name("LABEL");
  command->add_option("--section", arguments->options.section, "Section of the 1Password item")->type_name("LABEL");
  command
      ->add_option("--reuse", arguments->options.reuse,
                   "Source of an existing token: op://…, os-store:…, file:…, env:…, command:…")
      ->type_name("REF");
  command->add_flag("--create", arguments->options.create, "Create the workspace's file if it does not exist");
  command
      ->add_option("--workdir", arguments->options.workdir, "Folder of the new workspace (default: the current folder)")
      ->type_name("DIR");
  command->callback(
      [arguments, &chosen] { chosen = [arguments](const CommandContext& cli) { return run_setup(*arguments, cli); }; });
}

}  // namespace jackin::client
