#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <memory>
#include <utility>

#include "client/cli/line_prompt.hpp"
#include "client/cli/place_questions.hpp"
#include "client/cli/program.hpp"
#include "client/cli/token_report.hpp"
#include "client/cli/token_request.hpp"
#include "client/cli/token_run.hpp"
#include "client/cli/token_without_terminal.hpp"
#include "client/link/exit_code.hpp"

namespace jackin::client {
namespace {

std::filesystem::path current_folder() {
  std::error_code error;
  auto folder = std::filesystem::current_path(error);
  return error ? std::filesystem::path("/") : folder;
}

// What `--interactive` asks, before anything else happens.
Result<> ask_in_steps(const Surroundings& around, int screen, v1::StorePlace& place) {
  TRY(SignalWatch signals, SignalWatch::start({SIGINT, SIGTERM, SIGHUP}));
  LinePrompt prompt(around, signals, screen);
  return ask_for_place(
      prompt, [&around] { return around.connect(); }, around.environment, place);
}

int run_setup(const SetupArguments& arguments, const Surroundings& around) {
  const auto fail = [&](const Error& error) { return around.fail(error, arguments.format); };
  const auto scope = scope_of(arguments.scope);
  if (!scope) return fail(scope.error());
  auto request = setup_request(arguments, around.environment, current_folder());
  if (!request) return fail(request.error());

  const int screen = arguments.interactive ? prompt_screen(around, arguments.format) : -1;
  if (arguments.interactive && screen < 0) {
    return fail(
        {Reason::needs_confirmation, "--interactive asks, and there is no terminal",
         "jackinctl setup " + scope->arguments() + "  # with --store, --vault, --item-name and --field as needed"});
  }
  // What is adopted needs no code.
  if (arguments.reuse.empty() && no_code_can_come(arguments.format, around)) return fail(nobody_says_the_code());

  if (arguments.interactive) {
    const auto asked = ask_in_steps(around, screen, *request->mutable_order()->mutable_place());
    if (!asked) return fail(asked.error());
  }
  // Only now: the daemon closes a connection on which nothing is asked for half a minute.
  const auto connection = around.connect();
  if (!connection) return fail(connection.error());
  auto signals = watch_signals_of_token_run();
  if (!signals) return fail(signals.error());
  v1::TokenInput first;
  *first.mutable_setup() = *std::move(request);
  const auto report = run_token_operation(*connection, std::move(first), *scope, arguments, around, *signals);
  if (!report) return fail(report.error());
  return around.report(arguments.format == Format::json ? as_line(token_json(*report)) : token_text(*report),
                       arguments.format);
}

}  // namespace

void add_setup(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("setup", "Create a token, check it, store it and update the configuration");
  const auto arguments = std::make_shared<SetupArguments>();
  add_token_arguments(*command, *arguments);
  command->add_flag("--interactive,-i", arguments->interactive, "Ask for the place step by step");
  command->add_option("--field", arguments->field, "The item's field")->type_name("LABEL");
  command->add_option("--section", arguments->section, "The item's section")->type_name("LABEL");
  command->add_flag("--plain", arguments->plain, "Keep the token itself in the configuration file");
  command
      ->add_option("--reuse", arguments->reuse,
                   "Adopt a token where it is: op://…, os-store:…, file:…, env:…, command:…")
      ->type_name("REF");
  command->add_flag("--create", arguments->create, "Make the workspace's file when there is none");
  command->add_option("--workdir", arguments->workdir, "The new workspace's folder")->type_name("DIR");
  command->callback([arguments, &chosen] {
    chosen = [arguments](const Surroundings& around) { return run_setup(*arguments, around); };
  });
}

}  // namespace jackin::client
