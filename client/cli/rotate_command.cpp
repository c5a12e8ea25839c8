// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>

#include "client/cli/program.hpp"
#include "client/cli/scope_choice.hpp"
#include "client/cli/scope_names.hpp"
#include "client/cli/token_arguments.hpp"
#include "client/cli/token_report.hpp"
#include "client/cli/token_run.hpp"
#include "client/cli/token_without_terminal.hpp"
#include "client/core/health.hpp"
#include "client/core/rotate_all.hpp"
#include "client/rpc/exit_code.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

struct RotateArguments : TokenArguments {
  TokenOptions options;
  bool all = false;
};

// The same command for this scope alone.
TypedCommand for_one(const TypedCommand& typed, const Scope& scope) {
  const std::string name = typed_name(scope.workspace_name());
  const bool needs_divider = name.starts_with('-');
  TypedCommand one;
  for (const std::string& word : typed) {
    if (word != "--all") {
      one.push_back(word);
      continue;
    }
    if (!needs_divider) one.push_back(scope.is_global() ? "--global" : name);
    if (scope.has_role()) one.insert(one.end(), {"--role", scope.role_name()});
  }
  if (needs_divider) one.insert(one.end(), {"--", name});
  return one;
}

// Shows a rotation of all tokens, line by line.
class RotateAllLines : public RotateAllUi {
 public:
  RotateAllLines(const RotateArguments& arguments, const CommandContext& cli, const Connection& connection,
                 SignalWatch& signals)
      : arguments_(arguments), cli_(cli), connection_(connection), signals_(signals) {}

  void on_unreadable(const ManagedToken& token) override { on_failed(token, *token.error); }

  void on_read_only(const ManagedToken& token) override {
    cli_.complain("skipped: " + printable(names_of(token), 1000) + ": the token comes from " + token.source +
                  ", which jackind cannot write to\ntry: " +
                  command_line(Remedy::rotate_into(token.scope, SourceKind::file)) + "\n");
  }

  void on_begin(const ManagedToken& token, std::size_t number, std::size_t count) override {
    const int screen = screen_for(arguments_.format, cli_);
    const OutputStyle output = screen < 0 ? OutputStyle{} : output_style_of(screen, cli_.environment);
    const std::string which = std::to_string(number) + " of " + std::to_string(count) + "  ";
    static_cast<void>(write_text(screen < 0 ? cli_.err : screen,
                                 output.styled(TextStyle::strong, which + printable(names_of(token), 1000)) + "\n"));
  }

  Result<v1::TokenReport> rotate(const ManagedToken& token, v1::TokenInput first) override {
    return run_token_operation(connection_, std::move(first), token.scope, arguments_, cli_, signals_);
  }

  void on_rotated(const ManagedToken&, const v1::TokenReport& report) override {
    const int written =
        cli_.report(arguments_.format == Format::json ? as_line(token_json(report)) : rotated_text(report) + "\n",
                    arguments_.format);
    if (written != exit_done) unwritten_ = true;
  }

  void on_failed(const ManagedToken& token, const Error& error) override {
    CommandContext cli = cli_;
    cli.typed = for_one(cli.typed, token.scope);
    cli.fail({error.reason, printable(token.scope.str()) + ": " + error.message, error.remedy}, arguments_.format);
  }

  // Ends the command after the last rotation. Returns the exit code.
  int end(const RotateAllEnd& end) const {
    if (end.cancelled) return exit_cancelled;
    const int code = end.failed > 0 || unwritten_ ? exit_failed : exit_done;
    return arguments_.format == Format::text ? cli_.report(summary(end), arguments_.format, code) : code;
  }

 private:
  static std::string summary(const RotateAllEnd& end) {
    if (end.rotated + end.failed + end.skipped == 0) return "no workspace has a token to rotate\n";
    std::string text = std::to_string(end.rotated) + " rotated";
    if (end.failed > 0) text += ", " + std::to_string(end.failed) + " failed";
    if (end.skipped > 0) text += ", " + std::to_string(end.skipped) + " skipped";
    text += "\n";
    return end.rotated > 0 ? text + still_valid_text(end.rotated) : text;
  }

  const RotateArguments& arguments_;
  const CommandContext& cli_;
  const Connection& connection_;
  SignalWatch& signals_;
  bool unwritten_ = false;  // a report could not be written
};

// A connection, and the signals that it takes over. A run begins with it.
struct RunStart {
  Connection connection;
  SignalWatch signals;
};

Result<RunStart> start_run(const CommandContext& cli) {
  TRY(Connection connection, cli.connect());
  TRY(SignalWatch signals, watch_signals_of_token_run());
  return RunStart{std::move(connection), std::move(signals)};
}

int rotate_all_tokens(const RotateArguments& arguments, const CommandContext& cli) {
  const auto fail = [&](const Error& error) { return cli.fail(error, arguments.format); };
  if (arguments.scope.given()) return fail({Reason::invalid_argument, "give a workspace or --all, not both", {}});
  const auto request = rotate_all_request(arguments.options, cli.environment);
  if (!request) return fail(request.error());
  if (no_code_can_come(arguments.format, cli)) return fail(no_consent_possible());
  auto begun = start_run(cli);
  if (!begun) return fail(begun.error());
  const auto overview = overview_of(begun->connection);
  if (!overview) return fail(overview.error());
  RotateAllLines lines(arguments, cli, begun->connection, begun->signals);
  return lines.end(rotate_all(*overview, *request, lines));
}

int rotate_one(const RotateArguments& arguments, const CommandContext& cli) {
  const auto fail = [&](const Error& error) { return cli.fail(error, arguments.format); };
  const auto chosen = choose_scope(arguments.scope, cli);
  if (!chosen) return fail(chosen.error());
  auto request = rotate_request(chosen->scope, arguments.options, cli.environment);
  if (!request) return fail(request.error());
  if (no_code_can_come(arguments.format, cli)) return fail(no_consent_possible());
  auto begun = start_run(cli);
  if (!begun) return fail(begun.error());
  v1::TokenInput first;
  *first.mutable_rotate() = *std::move(request);
  const auto report =
      run_token_operation(begun->connection, std::move(first), chosen->scope, arguments, cli, begun->signals);
  if (!report) return fail(report.error());
  return cli.report(arguments.format == Format::json ? as_line(token_json(*report))
                                                     : rotated_text(*report) + "\n" + still_valid_text(1),
                    arguments.format);
}

int run_rotate(const RotateArguments& arguments, const CommandContext& cli) {
  return arguments.all ? rotate_all_tokens(arguments, cli) : rotate_one(arguments, cli);
}

}  // namespace

void add_rotate(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("rotate", "Replace a workspace's token with a new one");
  command->footer(
      "Examples:\n"
      "  jackinctl rotate my-app\n"
      "  jackinctl rotate my-app --store keychain\n"
      "  jackinctl rotate --all\n"
      "\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 4 no daemon, 5 cancelled, 6 busy.");
  const auto arguments = std::make_shared<RotateArguments>();
  add_token_arguments(*command, *arguments, arguments->options);
  command->add_flag("--all", arguments->all, "Rotate every token, each once even if workspaces share it");
  command->callback([arguments, &chosen] {
    chosen = [arguments](const CommandContext& cli) { return run_rotate(*arguments, cli); };
  });
}

}  // namespace jackin::client
