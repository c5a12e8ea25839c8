// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "client/cli/program.hpp"
#include "client/cli/token_report.hpp"
#include "client/cli/token_run.hpp"
#include "client/cli/token_without_terminal.hpp"
#include "client/core/managed_tokens.hpp"
#include "client/core/token_request.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

// Rotates every managed token, one after the other: each needs a separate consent.
class RotateAll {
 public:
  RotateAll(const RotateArguments& arguments, const CommandContext& cli, const Connection& connection,
            SignalWatch& signals)
      : arguments_(arguments), cli_(cli), connection_(connection), signals_(signals) {}

  int run(const v1::RotateRequest& request) {
    auto overview = overview_of(connection_);
    if (!overview) return cli_.fail(overview.error(), arguments_.format);
    std::vector<ManagedToken> tokens;
    for (ManagedToken& token : managed_tokens(*overview)) {
      if (token.error) {
        fail(token.scope, *token.error);
      } else if (token.is_read_only() && !arguments_.has_place()) {
        skip(token);
      } else {
        tokens.push_back(std::move(token));
      }
    }
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      announce(tokens[i], i + 1, tokens.size());
      if (!rotate(tokens[i], request)) return exit_cancelled;
    }
    const int code = failed_ > 0 || unheard_ ? exit_failed : exit_done;
    return arguments_.format == Format::text ? cli_.report(summary(), arguments_.format, code) : code;
  }

 private:
  // Returns false when the user wants to stop.
  bool rotate(const ManagedToken& token, const v1::RotateRequest& request) {
    v1::TokenInput first;
    *first.mutable_rotate() = request;
    *first.mutable_rotate()->mutable_token()->mutable_scope() = to_proto(token.scope);
    const auto report = run_token_operation(connection_, std::move(first), token.scope, arguments_, cli_, signals_);
    if (!report) {
      fail(token.scope, report.error());
      return report.error().reason != Reason::cancelled;
    }
    ++rotated_;
    const int told =
        cli_.report(arguments_.format == Format::json ? as_line(token_json(*report)) : rotated_text(*report) + "\n",
                    arguments_.format);
    if (told != exit_done) unheard_ = true;
    return true;
  }

  void announce(const ManagedToken& token, std::size_t number, std::size_t count) {
    const int screen = screen_for(arguments_.format, cli_);
    const OutputStyle output = screen < 0 ? OutputStyle{} : output_style_of(screen, cli_.environment);
    const std::string which = std::to_string(number) + " of " + std::to_string(count) + "  ";
    static_cast<void>(write_text(screen < 0 ? cli_.err : screen,
                                 output.styled(TextStyle::strong, which + printable(token.names(), 1000)) + "\n"));
  }

  void skip(const ManagedToken& token) {
    ++skipped_;
    cli_.complain("skipped: " + printable(token.names(), 1000) + ": the token comes from " + token.source +
                  ", where nothing can be stored\ntry: jackinctl rotate " + token.scope.arguments() +
                  " --store file\n");
  }

  void fail(const Scope& scope, const Error& error) {
    ++failed_;
    CommandContext cli = cli_;
    // The remedy rotates this scope alone, with all other arguments as typed.
    if (const auto at = cli.command.find(" --all"); at != std::string::npos) {
      cli.command.replace(at, std::string_view(" --all").size(), " " + scope.arguments());
    }
    cli.fail({error.reason, printable(scope.str()) + ": " + error.message, error.remedy}, arguments_.format);
  }

  std::string summary() const {
    if (rotated_ + failed_ + skipped_ == 0) return "no scope has a token to rotate\n";
    std::string text = std::to_string(rotated_) + " rotated";
    if (failed_ > 0) text += ", " + std::to_string(failed_) + " failed";
    if (skipped_ > 0) text += ", " + std::to_string(skipped_) + " skipped";
    text += "\n";
    return rotated_ > 0 ? text + still_valid_text(rotated_) : text;
  }

  const RotateArguments& arguments_;
  const CommandContext& cli_;
  const Connection& connection_;
  SignalWatch& signals_;
  int rotated_ = 0;
  int failed_ = 0;
  int skipped_ = 0;
  bool unheard_ = false;  // a report could not be written
};

int rotate_one(const RotateArguments& arguments, const CommandContext& cli, const Connection& connection,
               v1::RotateRequest request, SignalWatch& signals) {
  const auto scope = scope_of(arguments.scope);
  if (!scope) return cli.fail(scope.error(), arguments.format);
  v1::TokenInput first;
  *first.mutable_rotate() = std::move(request);
  const auto report = run_token_operation(connection, std::move(first), *scope, arguments, cli, signals);
  if (!report) return cli.fail(report.error(), arguments.format);
  return cli.report(arguments.format == Format::json ? as_line(token_json(*report))
                                                     : rotated_text(*report) + "\n" + still_valid_text(1),
                    arguments.format);
}

int run_rotate(const RotateArguments& arguments, const CommandContext& cli) {
  auto request = rotate_request(arguments, cli.environment);
  if (!request) return cli.fail(request.error(), arguments.format);
  if (no_code_can_come(arguments.format, cli)) return cli.fail(no_consent_possible(), arguments.format);
  const auto connection = cli.connect();
  if (!connection) return cli.fail(connection.error(), arguments.format);
  auto signals = watch_signals_of_token_run();
  if (!signals) return cli.fail(signals.error(), arguments.format);
  if (arguments.all) return RotateAll(arguments, cli, *connection, *signals).run(*request);
  return rotate_one(arguments, cli, *connection, *std::move(request), *signals);
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
  add_token_arguments(*command, *arguments);
  command->add_flag("--all", arguments->all, "Rotate every token, each once even if workspaces share it");
  command->callback([arguments, &chosen] {
    chosen = [arguments](const CommandContext& cli) { return run_rotate(*arguments, cli); };
  });
}

}  // namespace jackin::client
