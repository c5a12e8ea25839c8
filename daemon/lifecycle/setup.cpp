// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/setup.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "common/claude.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/config/slots_writer.hpp"
#include "daemon/config/text_file.hpp"
#include "daemon/health/remedies.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/request_check.hpp"
#include "daemon/lifecycle/token_steps.hpp"
#include "daemon/lifecycle/usage.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::lifecycle {
namespace {

/// A token that exists already, at the place that the slot will name.
struct AdoptedToken {
  NewToken token;
  StoredToken stored;
  Destination destination;
};

/// What must be known before the user consents to a new token.
struct SetupPlan {
  Destination destination;
  mint::ClaudeProgram claude;
};

/// The steps of one setup.
class SetupSteps {
 public:
  /// All must outlive the steps.
  SetupSteps(Dependencies& deps, const SetupRequest& request, TokenOperation& operation)
      : deps_(deps), request_(request), operation_(operation), shared_(deps, request, operation) {}

  Task<TokenReport> run();

 private:
  Task<Targets> expect_empty_slot() const;
  Task<TokenReport> create(const Targets& targets);
  Task<TokenReport> adopt(const Targets& targets);
  Task<SetupPlan> plan();
  Task<AdoptedToken> resolve_adopted();
  asio::awaitable<void> take_up_stored(NewToken& token);
  asio::awaitable<void> take_up_stamp(NewToken& token);

  Dependencies& deps_;
  const SetupRequest& request_;
  TokenOperation& operation_;
  TokenSteps shared_;
};

Task<TokenReport> SetupSteps::run() {
  CO_TRY(const auto targets, co_await expect_empty_slot());
  if (targets.front().create_for) operation_.detail.workdir = targets.front().create_for->string();
  CO_TRY(co_await shared_.expect_writable(targets));
  const bool adopts = !request_.reuse.empty();
  if (!adopts) {
    CO_TRY(operation_.take_mint_turn());
  }
  CO_TRY(co_await operation_.open());
  auto running = adopts ? adopt(targets) : create(targets);
  auto report = co_await std::move(running);
  co_await operation_.close(report.has_value(), request_.client);
  co_return report;
}

Task<TokenReport> SetupSteps::create(const Targets& targets) {
  auto planned = co_await plan();
  if (!planned) co_return failure(before_any_change(std::move(planned).error()));
  CO_TRY(const NewToken& token, co_await shared_.mint(planned->claude));
  CO_TRY(const VerifiedToken& verified, co_await shared_.verify(token));
  if (verified.doubt) {
    auto doubt = co_await shared_.keep_doubtful(targets, planned->destination, verified);
    co_return failure(std::move(doubt));
  }
  CO_TRY(const StoredToken& stored, co_await shared_.store_and_read_back(targets, planned->destination, verified));
  CO_TRY(const auto written, co_await shared_.write_config(targets, planned->destination, verified, stored));
  co_await shared_.record(targets, verified);
  co_return shared_.report(token, stored, written);
}

Task<TokenReport> SetupSteps::adopt(const Targets& targets) {
  CO_TRY(AdoptedToken adopted, co_await resolve_adopted());
  CO_TRY(const VerifiedToken& verified, co_await shared_.verify(adopted.token));
  // Nothing was changed until here.
  const bool is_cancelled = co_await async::cancelled_already();
  if (is_cancelled) co_return failure(before_any_change({Reason::cancelled, {}, {}}));
  CO_TRY(const auto written, co_await shared_.write_config(targets, adopted.destination, verified, adopted.stored));
  co_await shared_.record(targets, verified);
  co_return shared_.report(adopted.token, adopted.stored, written);
}

// Checks that the scope's own layer has no token, and that the workspace exists or is to be created. Errors:
// slot_exists, unknown_workspace, config_invalid, config_unreadable.
Task<Targets> SetupSteps::expect_empty_slot() const {
  Targets targets;
  auto layer = co_await deps_.configuration.layer(request_.scope);
  if (!layer) {
    if (layer.error().reason != Reason::unknown_workspace || !request_.create) {
      co_return failure(std::move(layer).error());
    }
    targets.push_back({request_.scope, {}, request_.workdir, std::nullopt});
    co_return targets;
  }
  if (holds_a_token(layer->keys)) {
    co_return failure(Reason::slot_exists, "'" + printable(request_.scope.str()) + "' has a token already",
                      Remedy::rotate(request_.scope));
  }
  targets.push_back({request_.scope, std::move(layer->keys), std::nullopt, std::nullopt});
  co_return targets;
}

// Chooses how the slot is written and where the token is stored, and finds claude. Stores nothing.
Task<SetupPlan> SetupSteps::plan() {
  SetupPlan planned;
  Destination& destination = planned.destination;
  destination.plain = request_.plain;
  destination.requested = request_.place;
  CO_TRY(destination.style, co_await choose_style(deps_, request_.scope, request_.client));
  if (!destination.plain) {
    CO_TRY(co_await shared_.plan_as_requested(destination));
  }
  const auto kind = destination.planned ? destination.planned->store->kind() : SourceKind::literal;
  if (destination.style.for_kind(kind) == config::SlotStyle::external) {
    auto work = [&paths = deps_.paths] { return config::expect_slots_writable(paths); };
    CO_TRY(co_await deps_.writers.run(std::move(work)));
  }
  CO_TRY(planned.claude, co_await shared_.locate_claude());
  co_return planned;
}

// Reads the token to adopt. Errors: those of its source; token_malformed.
Task<AdoptedToken> SetupSteps::resolve_adopted() {
  AdoptedToken adopted;
  StyleChoice& style = adopted.destination.style;
  secrets::CredentialSource& source = adopted.stored.source;
  CO_TRY(source, secrets::parse_reference(request_.reuse));
  if (auto* const op = std::get_if<secrets::OpSource>(&source)) op->account = request_.place.op_account;
  if (auto* const store = store_for(deps_.stores, source)) {
    CO_TRY(source, co_await store->canonical(source, request_.client));
  }
  CO_TRY(style, co_await choose_style(deps_, request_.scope, request_.client));
  if (style.for_source(source) == config::SlotStyle::bridge && !config::fits_older_pair(source)) {
    co_return failure(cannot_be_named(secrets::describe(source), style));
  }
  const std::string reference = deps_.configuration.reference_of(source);
  CO_TRY(operation_.lease().hold_item(reference));
  adopted.stored.display = secrets::describe(source);
  operation_.enter(Step::resolve, adopted.stored.display);
  const secrets::ResolveContext context{request_.client, true, true};
  const Remedy once_it_is_there = Remedy::try_again("once the source contains only the token, or with another source");
  auto resolved = co_await deps_.sources.resolve(source, context);
  if (!resolved) {
    Error error = std::move(resolved).error();
    // The remedy for a configured token does not fix one that is not configured yet.
    if (error.remedy.empty() || needs_scope(error.remedy.action)) error.remedy = once_it_is_there;
    co_return failure(std::move(error));
  }
  NewToken& token = adopted.token;
  token.token = std::move(*resolved);
  const TokenShape shape = shape_of(token.token.view());
  if (shape == TokenShape::not_a_token) {
    co_return failure(Reason::token_malformed, health::not_a_token(source, shape_problem(token.token.view())),
                      once_it_is_there);
  }
  token.known_shape = shape == TokenShape::whole;
  // Makes no estimate: only the expiry that the store, or jackin, has recorded.
  const Fingerprint fingerprint = token.token.digest().fingerprint();
  const auto recorded = co_await deps_.sources.expiry(source, fingerprint, context);
  if (recorded && *recorded) {
    token.expires_on = (*recorded)->day;
    token.expiry_noted = (*recorded)->estimated;
  }
  operation_.detail.reference = reference;
  operation_.detail.place = adopted.stored.display;
  operation_.detail.fingerprint = fingerprint;
  co_await take_up_stored(token);
  if (!token.expires_on && std::holds_alternative<secrets::OpSource>(source)) co_await take_up_stamp(token);
  operation_.detail.expires_on = token.expires_on;
  co_return adopted;
}

// Adopts a token that an earlier operation of jackind stored and could not configure as jackind's own, with its expiry.
asio::awaitable<void> SetupSteps::take_up_stored(NewToken& token) {
  const auto open = co_await operation_.unfinished();
  if (!open) co_return;
  for (const auto& record : *open) {
    if (record.outcome != Outcome::kept) continue;
    const auto kept = state::journal_detail_from(record.detail);
    auto& detail = operation_.detail;
    if (!kept || kept->reference != detail.reference || kept->fingerprint != detail.fingerprint) continue;
    token.is_ours = true;
    detail.expiry_known = kept->expiry_known;
    // Recovery deletes the token that it was to replace.
    if (!kept->delete_old) operation_.completes(record.id);
    if (!token.expires_on) token.expires_on = kept->expires_on;
  }
}

// Takes the expiry that jackin recorded for the workspace's last token. It has one record for a workspace with all its
// roles, so the record is unclear when a role has a token.
asio::awaitable<void> SetupSteps::take_up_stamp(NewToken& token) {
  const Scope& scope = request_.scope;
  if (scope.is_global() || scope.has_role()) co_return;
  const auto scopes = deps_.configuration.last_read().scopes_of(scope.workspace_name());
  for (const config::ScopeEntry& entry : scopes) {
    const auto layer = deps_.configuration.last_read().layer(entry.scope);
    if (!layer || (entry.scope.has_role() && holds_a_token(layer->keys))) co_return;
  }
  const auto path = deps_.paths.jackin_expiry_stamp(scope.workspace_name());
  std::string key = path.parent_path().string();
  auto work = [path]() -> Result<std::string> {
    TRY(const config::TextFile stamp, config::read_text_file(path, path.string()));
    const std::string_view text = stamp.text.view();
    return std::string(text.substr(0, text.find('\n')));
  };
  const auto line = co_await deps_.named_files.run(std::move(key), std::move(work));
  const auto day = line ? parse_date(*line) : std::nullopt;
  if (!day) co_return;
  token.expires_on = day;
  token.expiry_noted = true;
}

}  // namespace

Task<TokenReport> Setup::run(SetupRequest request, UserInteraction& user) {
  co_await asio::this_coro::throw_if_cancelled(false);
  CO_TRY(check_request(request));
  CO_TRY(auto lease, deps_.operations.begin(new_operation_id(), OperationKind::setup, request.scope, deps_.clock.now(),
                                            request.asked_by));
  TokenOperation operation(deps_, OperationKind::setup, std::move(lease), user);
  operation.expect_steps(request, !request.reuse.empty());
  SetupSteps steps(deps_, request, operation);
  auto report = co_await steps.run();
  operation.publish(report);
  co_return report;
}

}  // namespace jackin::lifecycle
