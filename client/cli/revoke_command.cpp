// SPDX-License-Identifier: Apache-2.0
#include "client/cli/revoke_command.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client/cli/command_line.hpp"
#include "client/cli/line_prompt.hpp"
#include "client/cli/probe_command.hpp"
#include "client/cli/program.hpp"
#include "client/cli/scope_choice.hpp"
#include "client/cli/scope_names.hpp"
#include "client/cli/token_report.hpp"
#include "client/core/revoke.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/json.hpp"
#include "client/terminal/style.hpp"
#include "common/remedy_command.hpp"
#include "common/untrusted_text.hpp"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {
namespace {

constexpr std::size_t text_limit = 1000;

}  // namespace

Json revoked_json(const v1::RevokeOutcome& outcome) {
  Json json;
  json["scope"] = scope_text(outcome.scope());
  json["cleared"] = outcome.cleared();
  json["deleted"] = outcome.deleted();
  put_text(json, "remains_in", printable(outcome.remains_in(), text_limit));
  return json;
}

std::string revoked_text(const v1::RevokeOutcome& outcome, const OutputStyle& output, const TypedCommand& typed) {
  std::string text;
  if (outcome.cleared() || !outcome.has_error()) {
    text = output.styled(TextStyle::strong, scope_text(outcome.scope())) + ": ";
    text += outcome.cleared() ? "token removed from the configuration" : "was revoked already";
    if (outcome.deleted()) text += "; the stored token is deleted";
  }
  if (!outcome.remains_in().empty()) {
    text += ". It is still in " + printable(outcome.remains_in(), text_limit);
  }
  if (!text.empty()) text += "\n";
  if (!outcome.has_error()) text += try_line(outcome.remains_remedy(), output, typed);
  for (const v1::Notice& notice : outcome.notices()) {
    const bool warning = notice.severity() == v1::SEVERITY_WARNING;
    text += output.styled(warning ? TextStyle::warning : TextStyle::dim, warning ? "warning:" : "note:") + " " +
            printable(notice.message(), text_limit) + "\n";
    text += try_line(notice.remedy(), output, typed);
  }
  for (const v1::Process& holder : outcome.holders()) {
    text += "still uses the token: " + std::to_string(holder.pid()) + "  " + printable(holder.command()) + "\n";
  }
  return text;
}

namespace {

struct RevokeArguments {
  ScopeArguments scope;
  bool all = false;
  RevokeOptions options;
  bool yes = false;
  Format format = Format::text;
};

// Returns the scope; nothing for all.
Result<std::optional<ScopeChoice>> scope_to_revoke(const RevokeArguments& arguments, const CommandContext& cli) {
  std::optional<ScopeChoice> choice;
  if (!arguments.all) {
    TRY(choice, choose_scope(arguments.scope, cli));
  } else if (arguments.scope.given()) {
    return failure(Reason::invalid_argument, "give a workspace or --all, not both");
  }
  return choice;
}

// Shows the user which scopes lose their tokens and asks for confirmation.
Result<> confirm(const RevokeArguments& arguments, const std::optional<ScopeChoice>& choice, const CommandContext& cli,
                 SignalWatch& signals, int screen) {
  LinePrompt prompt(cli, signals, screen);
  if (choice) {
    prompt.say("'" + printable(choice->scope.str()) + "' loses its token.");
  } else {
    TRY(const Connection connection, cli.connect());
    TRY(const auto tokens, tokens_to_revoke(connection));
    if (tokens.empty()) return {};
    prompt.say("These lose their token:");
    for (const ManagedToken& token : tokens) {
      prompt.say("  " + printable(names_of(token), 1000) + "  " + token.source);
    }
  }
  if (arguments.options.delete_item) {
    prompt.say(arguments.options.force ? "Stored tokens are deleted too, including those that jackind did not create."
                                       : "Stored tokens that jackind created are deleted too.");
  }
  TRY(const std::string answer, prompt.ask("Continue? [y/N] "));
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  return failure(Reason::cancelled, "cancelled; nothing was changed");
}

// The error for a revocation that the user must confirm and cannot, because stdin is no terminal.
Error needs_confirmation(const std::optional<ScopeChoice>& choice) {
  const std::string what = choice ? "no workspace is named; to revoke the token of '" + printable(choice->scope.str()) +
                                        "' needs confirmation"
                                  : "--all removes every token and needs confirmation";
  Remedy remedy = Remedy::change_option(RequestOption::yes);
  // In another folder the default is another workspace.
  if (choice) remedy.scope = RemedyScope{choice->scope.workspace_name(), choice->scope.role_name()};
  return {Reason::needs_confirmation, what + ", but this is not a terminal", std::move(remedy)};
}

// Prints the outcomes of a revocation as they arrive.
class RevokeLines {
 public:
  RevokeLines(const RevokeArguments& arguments, const CommandContext& cli) : arguments_(arguments), cli_(cli) {}

  void show(const v1::RevokeOutcome& outcome) {
    print(arguments_.format == Format::json ? as_line(revoked_json(outcome))
                                            : revoked_text(outcome, cli_.output_style(), cli_.typed));
    if (!outcome.has_error()) return;
    failed_ = true;
    Error error = from_proto(outcome.error());
    if (arguments_.all) error.message = scope_text(outcome.scope()) + ": " + error.message;
    cli_.fail(error, arguments_.format);
  }

  // Ends the command. Returns the exit code.
  int end(const RevokeEnd& end) {
    if (end.stopped == RevokeEnd::Stopped::detached) {
      return cli_.fail({Reason::cancelled, "detached; jackind finishes this revocation by itself",
                        Remedy::of(RemedyAction::list_scopes)},
                       arguments_.format);
    }
    if (end.stopped == RevokeEnd::Stopped::cancelled) {
      return cli_.fail({Reason::cancelled, "cancelled; nothing was changed", {}}, arguments_.format);
    }
    if (end.error) return cli_.fail(*end.error, arguments_.format);
    if (arguments_.format == Format::text) {
      if (end.outcomes == 0) print("no workspace has a token to revoke\n");
      if (end.cleared > 0) print(still_valid_text(end.cleared));
    }
    return failed_ ? exit_failed : exit_done;
  }

 private:
  void print(const std::string& text) {
    if (cli_.report(text, arguments_.format) != exit_done) failed_ = true;
  }

  const RevokeArguments& arguments_;
  const CommandContext& cli_;
  bool failed_ = false;
};

int run_revoke(const RevokeArguments& arguments, const CommandContext& cli) {
  const auto choice = scope_to_revoke(arguments, cli);
  if (!choice) return cli.fail(choice.error(), arguments.format);
  const int screen = prompt_screen(cli, arguments.format);
  const bool asks = (arguments.all || (*choice)->by_default) && !arguments.yes;
  if (asks && screen < 0) return cli.fail(needs_confirmation(*choice), arguments.format);
  auto signals = SignalWatch::start({SIGINT, SIGTERM, SIGHUP});
  if (!signals) return cli.fail(signals.error(), arguments.format);
  if (asks) {
    const auto confirmed = confirm(arguments, *choice, cli, *signals, screen);
    if (!confirmed) return cli.fail(confirmed.error(), arguments.format);
  }
  // Connect only now: the daemon closes a connection after half a minute without a call.
  const auto connection = cli.connect();
  if (!connection) return cli.fail(connection.error(), arguments.format);
  RevokeLines lines(arguments, cli);
  const std::optional<Scope> scope = *choice ? std::optional((*choice)->scope) : std::nullopt;
  return lines.end(revoke(
      *connection, revoke_request(scope, arguments.options, cli.environment),
      [&lines](const v1::RevokeOutcome& outcome) { lines.show(outcome); }, interruptible(*signals)));
}

}  // namespace

void add_revoke(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("revoke", "Remove a workspace's token from the configuration");
  command->footer(
      "Examples:\n"
      "  jackinctl revoke my-app\n"
      "  jackinctl revoke my-app --delete-item\n"
      "  jackinctl revoke --all --yes\n"
      "\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 4 no daemon, 5 cancelled, 6 busy.");
  const auto arguments = std::make_shared<RevokeArguments>();
  add_scope(*command, arguments->scope);
  command->add_flag("--all", arguments->all, "Remove every configured token");
  command->add_flag("--delete-item,--delete-op-item", arguments->options.delete_item,
                    "Also delete the stored token, if jackind created it");
  command->add_flag("--force", arguments->options.force,
                    "With --delete-item: also delete an item that jackind did not create");
  command->add_flag("--yes", arguments->yes, "Do not ask for confirmation");
  add_format(*command, arguments->format);
  command->callback([arguments, &chosen] {
    chosen = [arguments](const CommandContext& cli) { return run_revoke(*arguments, cli); };
  });
}

}  // namespace jackin::client
