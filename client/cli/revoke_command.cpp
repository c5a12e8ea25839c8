// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client/cli/command_line.hpp"
#include "client/cli/interruptible.hpp"
#include "client/cli/line_prompt.hpp"
#include "client/cli/own_operation.hpp"
#include "client/cli/program.hpp"
#include "client/cli/revoke_report.hpp"
#include "client/cli/token_report.hpp"
#include "client/core/managed_tokens.hpp"
#include "client/rpc/exit_code.hpp"
#include "client/rpc/liveness.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "common/untrusted_text.hpp"
#include "jackin/v1/tokens.grpc.pb.h"

namespace jackin::client {
namespace {

struct RevokeArguments {
  ScopeArguments scope;
  bool all = false;
  bool delete_item = false;
  bool force = false;
  bool yes = false;
  Format format = Format::text;
};

Result<v1::RevokeRequest> revoke_request(const RevokeArguments& arguments, const Environment& environment) {
  v1::RevokeRequest request;
  if (arguments.all) {
    if (arguments.scope.given()) return failure(Reason::invalid_argument, "either one scope or --all");
  } else {
    TRY(const Scope scope, scope_of(arguments.scope));
    *request.mutable_scope() = to_proto(scope);
  }
  if (arguments.force && !arguments.delete_item) {
    return failure(Reason::invalid_argument, "--force deletes what jackind did not make, it needs --delete-item");
  }
  request.set_all(arguments.all);
  request.set_delete_item(arguments.delete_item);
  request.set_force(arguments.force);
  *request.mutable_environment() = to_proto(environment);
  return request;
}

// Shows the user which scopes lose their tokens and asks for confirmation.
Result<> confirm(const RevokeArguments& arguments, const CommandContext& cli, SignalWatch& signals, int screen) {
  TRY(const Connection connection, cli.connect());
  TRY(const v1::OverviewReply overview, overview_of(connection));
  LinePrompt prompt(cli, signals, screen);
  int count = 0;
  for (const ManagedToken& token : managed_tokens(overview)) {
    if (token.error) continue;
    if (count++ == 0) prompt.say("These lose their token:");
    prompt.say("  " + printable(token.names(), 1000) + "  " + token.source);
  }
  if (count == 0) return {};
  if (arguments.delete_item) {
    prompt.say(arguments.force ? "What is stored is deleted too, also what jackind did not make."
                               : "What is stored is deleted too, where jackind made it.");
  }
  TRY(const std::string answer, prompt.ask("Go on? [y/N] "));
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  return failure(Reason::cancelled, "cancelled; nothing was changed");
}

// One revocation at the daemon, from the request to the end of the stream.
class RevokeRun {
 public:
  RevokeRun(const RevokeArguments& arguments, const CommandContext& cli, const Connection& connection,
            SignalWatch& signals)
      : arguments_(arguments), cli_(cli), connection_(connection), signals_(signals) {}

  int run(const v1::RevokeRequest& request) {
    // No deadline: a store may be asking the user.
    grpc::ClientContext context;
    Liveness liveness(connection_, context);
    grpc::Status status;
    const auto stub = v1::Tokens::NewStub(connection_.channel());
    const bool interrupted = run_interruptible(signals_, context, [&] {
      const auto stream = stub->Revoke(&context, request);
      v1::RevokeEvent event;
      while (stream->Read(&event)) {
        liveness.heard();
        take(event.outcome());
      }
      liveness.no_more();
      status = stream->Finish();
    });
    if (interrupted && !status.ok()) return cli_.fail(interruption(), arguments_.format);
    if (const auto ended = liveness.outcome(status); !ended) return cli_.fail(ended.error(), arguments_.format);
    if (arguments_.format == Format::text) {
      if (seen_ == 0) tell("no scope has a token to revoke\n");
      if (cleared_ > 0) tell(still_valid_text(cleared_));
    }
    return failed_ ? exit_failed : exit_done;
  }

 private:
  void tell(const std::string& text) {
    if (cli_.report(text, arguments_.format) != exit_done) failed_ = true;
  }

  void take(const v1::RevokeOutcome& outcome) {
    ++seen_;
    if (outcome.cleared()) ++cleared_;
    tell(arguments_.format == Format::json ? as_line(revoked_json(outcome))
                                           : revoked_text(outcome, cli_.output_style()));
    if (!outcome.has_error()) return;
    failed_ = true;
    const auto& detail = outcome.error();
    std::string message = printable(detail.message(), 1000);
    if (arguments_.all) message = scope_text(outcome.scope()) + ": " + message;
    cli_.fail({reason_from_code(detail.reason()).value_or(Reason::internal), std::move(message),
               printable(detail.remedy(), 1000)},
              arguments_.format);
  }

  // The error for a user who did not wait: it says whether the daemon has stopped or continues.
  Error interruption() const {
    if (cleared_ > 0 || runs_to_its_end(connection_)) {
      return {Reason::cancelled, "detached; jackind finishes this revocation by itself", "jackinctl status"};
    }
    return {Reason::cancelled, "cancelled; nothing was changed", {}};
  }

  const RevokeArguments& arguments_;
  const CommandContext& cli_;
  const Connection& connection_;
  SignalWatch& signals_;
  int seen_ = 0;
  int cleared_ = 0;
  bool failed_ = false;
};

int run_revoke(const RevokeArguments& arguments, const CommandContext& cli) {
  const auto request = revoke_request(arguments, cli.environment);
  if (!request) return cli.fail(request.error(), arguments.format);
  const int screen = prompt_screen(cli, arguments.format);
  const bool asks = arguments.all && !arguments.yes;
  if (asks && screen < 0) {
    return cli.fail(
        {Reason::needs_confirmation, "--all removes every token and needs confirmation, but this is not a terminal",
         "jackinctl revoke --all --yes"},
        arguments.format);
  }
  auto signals = SignalWatch::start({SIGINT, SIGTERM, SIGHUP});
  if (!signals) return cli.fail(signals.error(), arguments.format);
  if (asks) {
    const auto confirmed = confirm(arguments, cli, *signals, screen);
    if (!confirmed) return cli.fail(confirmed.error(), arguments.format);
  }
  // Connect only now: the daemon closes a connection after half a minute without a call.
  const auto connection = cli.connect();
  if (!connection) return cli.fail(connection.error(), arguments.format);
  return RevokeRun(arguments, cli, *connection, *signals).run(*request);
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
  command->add_flag("--delete-item,--delete-op-item", arguments->delete_item,
                    "Also delete the stored token, if jackind created it");
  command->add_flag("--force", arguments->force, "With --delete-item: also delete an item that jackind did not create");
  command->add_flag("--yes", arguments->yes, "Do not ask for confirmation");
  add_format(*command, arguments->format);
  command->callback([arguments, &chosen] {
    chosen = [arguments](const CommandContext& cli) { return run_revoke(*arguments, cli); };
  });
}

}  // namespace jackin::client
