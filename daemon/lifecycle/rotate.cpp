// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/rotate.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "common/remedy.hpp"
#include "common/untrusted_text.hpp"
#include "common/words.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/request_check.hpp"
#include "daemon/lifecycle/token_steps.hpp"
#include "daemon/lifecycle/usage.hpp"
#include "daemon/secrets/op_reference.hpp"

namespace jackin::lifecycle {
namespace {

/// The token that is to be replaced, and the slots that name it.
struct OldToken {
  secrets::CredentialSource source;
  std::string reference;
  std::optional<Fingerprint> fingerprint;
  std::string organization;
  StyleChoice style;
  Targets targets;
};

/// What must be known before the user consents to a new token.
struct RotationPlan {
  Destination destination;
  mint::ClaudeProgram claude;
};

/// What became of the old token.
struct RetiredToken {
  bool is_deleted = false;
  std::vector<ProcessIdentity> holders;  ///< Running processes that received it.
};

/// The steps of one rotation.
class RotateSteps {
 public:
  /// All must outlive the steps.
  RotateSteps(Dependencies& deps, const RotateRequest& request, TokenOperation& operation)
      : deps_(deps), request_(request), operation_(operation), shared_(deps, request, operation) {}

  Task<TokenReport> run();

 private:
  Task<OldToken> expect_token();
  Task<TokenReport> replace(const OldToken& old);
  Task<> add_sharing(OldToken& old);
  Task<> add_target(OldToken& old, const Scope& scope);
  Task<RotationPlan> plan(const OldToken& old);
  Task<Destination> choose_place(const OldToken& old);
  static PlaceRequest elsewhere(const OldToken& old, PlaceRequest requested);
  static bool slots_stay(const OldToken& old, const Destination& destination);
  void compare_organization(const OldToken& old, const VerifiedToken& token);
  asio::awaitable<Targets> with_fellow_readers(Targets targets);
  asio::awaitable<RetiredToken> retire(const OldToken& old, const Targets& targets);

  Dependencies& deps_;
  const RotateRequest& request_;
  TokenOperation& operation_;
  TokenSteps shared_;
};

Task<TokenReport> RotateSteps::replace(const OldToken& old) {
  auto planned = co_await plan(old);
  if (!planned) co_return failure(before_any_change(std::move(planned).error()));
  CO_TRY(const NewToken& token, co_await shared_.mint(planned->claude));
  CO_TRY(const VerifiedToken& verified, co_await shared_.verify(token));
  compare_organization(old, verified);
  if (verified.doubt) {
    auto doubt = co_await shared_.keep_doubtful(old.targets, planned->destination, verified);
    co_return failure(std::move(doubt));
  }
  CO_TRY(const StoredToken& stored, co_await shared_.store_and_read_back(old.targets, planned->destination, verified));
  CO_TRY(const auto written, co_await shared_.write_config(old.targets, planned->destination, verified, stored));
  const Targets targets = co_await with_fellow_readers(old.targets);
  co_await shared_.record(targets, verified);
  auto retired = co_await retire(old, targets);
  TokenReport report = shared_.report(token, stored, written);
  report.deleted_old = retired.is_deleted;
  report.old_holders = std::move(retired.holders);
  co_return report;
}

Task<TokenReport> RotateSteps::run() {
  CO_TRY(const OldToken& old, co_await expect_token());
  CO_TRY(operation_.take_mint_turn());
  CO_TRY(co_await operation_.open());
  auto report = co_await replace(old);
  co_await operation_.close(report.has_value(), request_.client);
  co_return report;
}

// Checks that the scope's own layer has a token. Holds this scope and the others that get the new token. Errors:
// slot_missing, unknown_workspace, config_invalid, config_unreadable, busy.
Task<OldToken> RotateSteps::expect_token() {
  CO_TRY(auto layer, co_await deps_.configuration.layer(request_.scope));
  const auto* const source = layer.keys.source();
  if (source == nullptr || !holds_a_token(layer.keys)) {
    co_return failure(no_token_of_its_own(deps_.configuration, request_.scope, RemedyAction::rotate));
  }
  if (const auto mode = layer.keys.mode(); mode != AuthMode::oauth_token) {
    operation_.user().notice(Severity::warning,
                             "'" + printable(request_.scope.str()) + "' does not use its token in mode " +
                                 std::string(word_of(mode.value_or(AuthMode::sync))) + "; after the rotation it does",
                             {});
  }
  OldToken old;
  old.source = *source;
  old.reference = deps_.configuration.reference_of(old.source);
  old.style = kept_style(deps_.settings.slot_style, request_.scope, layer.keys);
  old.targets.push_back({request_.scope, layer.keys, std::nullopt, std::nullopt, kept_variable(layer.keys)});
  CO_TRY(operation_.lease().hold_item(old.reference));
  // Scopes that name one variable have one entry, which is rotated for all of them.
  if (request_.with_sharing || layer.keys.variable() != nullptr) {
    CO_TRY(co_await add_sharing(old));
  }
  if (const auto known = deps_.health.token_of(request_.scope); known && known->reference == old.reference) {
    old.fingerprint = known->fingerprint;
    old.organization = known->organization;
  }
  auto& detail = operation_.detail;
  detail.old_reference = old.reference;
  detail.old_fingerprint = old.fingerprint;
  detail.old_place = secrets::describe(old.source);
  if (const auto* op = std::get_if<secrets::OpSource>(&old.source)) detail.old_account = op->account;
  detail.delete_old =
      store_for(deps_.stores, old.source) != nullptr && !is_adopted(deps_.health, request_.scope, old.reference);
  co_return old;
}

Task<> RotateSteps::add_sharing(OldToken& old) {
  const auto users = co_await users_of(deps_, old.reference);
  if (users.unlisted) co_return failure(*users.unlisted);
  for (const Scope& scope : users.scopes) {
    if (scope == request_.scope) continue;
    CO_TRY(co_await add_target(old, scope));
  }
  co_return Result<>();
}

Task<> RotateSteps::add_target(OldToken& old, const Scope& scope) {
  CO_TRY(auto layer, co_await deps_.configuration.layer(scope));
  // An entry that only the container reads belongs to jackin.
  const auto* const source = layer.keys.source();
  if (source == nullptr || deps_.configuration.reference_of(*source) != old.reference) co_return Result<>();
  // Another mode stays, unless the user asks for all. The entry of a shared variable is written once.
  if (!request_.with_sharing && !holds_a_token(layer.keys)) co_return Result<>();
  const auto* const shared = old.targets.front().before.variable();
  const auto* const own = layer.keys.variable();
  const bool has_same_variable = shared != nullptr && own != nullptr && *own == *shared;
  if (!request_.with_sharing && !has_same_variable) co_return Result<>();
  CO_TRY(operation_.lease().hold_scope(scope));
  StyleChoice style = kept_style(deps_.settings.slot_style, scope, layer.keys);
  std::string variable = kept_variable(layer.keys);
  old.targets.push_back({scope, std::move(layer.keys), std::nullopt, std::move(style), std::move(variable)});
  operation_.detail.others.push_back(scope);
  co_return Result<>();
}

Task<RotationPlan> RotateSteps::plan(const OldToken& old) {
  RotationPlan planned;
  CO_TRY(planned.destination, co_await choose_place(old));
  if (!slots_stay(old, planned.destination)) {
    CO_TRY(co_await shared_.expect_writable(old.targets));
  }
  CO_TRY(planned.claude, co_await shared_.locate_claude());
  co_return planned;
}

// The place of the new token: that of the old one, or the requested one. Errors: unsupported, those of the store.
Task<Destination> RotateSteps::choose_place(const OldToken& old) {
  Destination destination;
  destination.style = old.style;
  destination.requested = request_.place;
  if (request_.plain || std::holds_alternative<secrets::LiteralSource>(old.source)) {
    destination.plain = true;
  } else if (request_.place.given()) {
    destination.requested = elsewhere(old, request_.place);
    CO_TRY(co_await shared_.plan_as_requested(destination));
  } else {
    destination.successor_of = old.source;
    CO_TRY(co_await shared_.plan_successor(destination));
  }
  co_return destination;
}

// Changes only the requested parts of a place in 1Password.
PlaceRequest RotateSteps::elsewhere(const OldToken& old, PlaceRequest requested) {
  const auto* const op = std::get_if<secrets::OpSource>(&old.source);
  if (op == nullptr || requested.store) return requested;
  requested.store = SourceKind::op;
  if (requested.op_account.empty()) requested.op_account = op->account;
  const auto reference = secrets::parse_op_reference(op->reference);
  if (requested.vault.empty() && requested.op_account == op->account && reference) requested.vault = reference->vault;
  return requested;
}

// Whether the slots already name the new place, so that the new token overwrites the old one.
bool RotateSteps::slots_stay(const OldToken& old, const Destination& destination) {
  return destination.planned && destination.planned->is_old_place &&
         std::all_of(old.targets.begin(), old.targets.end(), [&](const Target& target) {
           return target.before ==
                  config::wanted_keys(style_for(target, destination, old.source), old.source, target.variable);
         });
}

// Notifies the user when the new token belongs to another organisation than the old one.
void RotateSteps::compare_organization(const OldToken& old, const VerifiedToken& token) {
  const std::string& now = token.answer.organization;
  if (now.empty() || old.organization.empty() || now == old.organization) return;
  operation_.user().notice(Severity::warning,
                           "the new token belongs to another organisation than the old one (" + printable(now, 60) +
                               ", it was " + printable(old.organization, 60) +
                               "): perhaps the browser was signed in to another account",
                           Remedy::rotate(request_.scope));
}

// Every other scope that reads an overwritten place also has the new token.
asio::awaitable<Targets> RotateSteps::with_fellow_readers(Targets targets) {
  const auto& detail = operation_.detail;
  if (!detail.replaces) co_return targets;
  for (const std::string& reference : {detail.reference, detail.old_reference}) {
    const auto readers = co_await readers_of(deps_, reference);
    for (const Scope& scope : readers) {
      const bool known =
          std::any_of(targets.begin(), targets.end(), [&](const Target& target) { return target.scope == scope; });
      if (!known) targets.push_back({scope, {}, std::nullopt, std::nullopt});
    }
  }
  co_return targets;
}

// Deletes the old token's item when jackind created it and no scope uses it. doctor lists an item that cannot be
// deleted. Notifies the user of an old token in a source that jackind never changes.
asio::awaitable<RetiredToken> RotateSteps::retire(const OldToken& old, const Targets& targets) {
  RetiredToken retired;
  auto& detail = operation_.detail;
  std::vector<Scope> scopes;
  for (const Target& target : targets) {
    const auto launched = co_await launched_with_that_of(deps_, target.scope);
    scopes.insert(scopes.end(), launched.begin(), launched.end());
  }
  retired.holders = co_await holders_of(deps_, std::move(scopes), old.fingerprint, detail.fingerprint);
  if (!can_be_rotated(secrets::kind_of(old.source))) {
    operation_.user().notice(Severity::info, "the old token stays in its source: " + detail.old_place,
                             Remedy::only_note("remove the old token from that source"));
  }
  if (!detail.delete_old || detail.replaces) co_return retired;
  auto kept = co_await still_used(deps_, old.source, request_.client);
  if (!kept) {
    const auto announced = co_await operation_.announce(Step::delete_old, detail.old_place);
    if (announced) {
      kept = co_await delete_stored(deps_, old.source, secrets::Removal::only_ours, request_.client);
    } else {
      kept = Kept{true, announced.error().message, deletion_of(old.source)};
    }
  }
  retired.is_deleted = !kept;
  if (!kept) co_return retired;
  kept->remedy = for_scope(or_check(std::move(kept->remedy)), request_.scope);
  if (!kept->is_stuck) {
    operation_.user().notice(Severity::info, kept->message, kept->remedy);
    co_return retired;
  }
  detail.place = detail.old_place;
  detail.remedy = kept->remedy;
  co_await operation_.end_stuck(kept->message);
  co_return retired;
}

}  // namespace

Task<TokenReport> Rotate::run(RotateRequest request, UserInteraction& user) {
  co_await asio::this_coro::throw_if_cancelled(false);
  CO_TRY(check_request(request));
  CO_TRY(auto lease, deps_.operations.begin(new_operation_id(), OperationKind::rotate, request.scope, deps_.clock.now(),
                                            request.asked_by));
  TokenOperation operation(deps_, OperationKind::rotate, std::move(lease), user);
  operation.expect_steps(request, false);
  RotateSteps steps(deps_, request, operation);
  auto report = co_await steps.run();
  operation.publish(report);
  co_return report;
}

}  // namespace jackin::lifecycle
