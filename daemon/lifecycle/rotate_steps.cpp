// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/rotate_steps.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/remedy.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/health/decide.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/lifecycle/usage.hpp"
#include "daemon/secrets/op_reference.hpp"

namespace jackin::lifecycle {

RotateSteps::RotateSteps(Dependencies& deps, const RotateRequest& request, UserInteraction& user,
                         Operations::Lease& lease)
    : TokenSteps(deps, "rotate", request, user, lease), request_(request) {}

std::string RotateSteps::old_reference() const {
  return deps_.configuration.reference_of(*old_);
}

Task<> RotateSteps::expect_token() {
  CO_TRY(auto layer, deps_.configuration.layer(request_.scope));
  const auto* const source = layer.keys.source();
  if (source == nullptr || !holds_a_token(layer.keys)) {
    co_return failure(no_token_of_its_own(deps_.configuration, request_.scope, "rotate"));
  }
  if (const auto mode = layer.keys.mode(); mode != config::AuthMode::oauth_token) {
    user_.notice(Severity::warning,
                 "'" + printable(request_.scope.str()) + "' does not use its token in mode " +
                     std::string(config::to_string(mode.value_or(config::AuthMode::sync))) +
                     "; after the rotation it does",
                 {});
  }
  old_ = *source;
  targets_.push_back({request_.scope, layer.keys, std::nullopt, std::nullopt});
  style_.style = style_of(layer.keys);
  CO_TRY(lease_.hold_item(old_reference()));
  if (request_.with_sharing) {
    const auto users = co_await users_of(deps_, old_reference());
    if (users.unlisted) co_return failure(*users.unlisted);
    for (const Scope& scope : users.scopes) {
      if (scope == request_.scope) continue;
      CO_TRY(add_target(scope));
    }
  }
  if (const auto known = deps_.health.token_of(request_.scope); known && known->reference == old_reference()) {
    old_fingerprint_ = known->fingerprint;
    old_organization_ = known->organization;
  }
  detail_.old_reference = old_reference();
  detail_.old_fingerprint = old_fingerprint_;
  detail_.old_place = secrets::describe(*old_);
  if (const auto* op = std::get_if<secrets::OpSource>(&*old_)) detail_.old_account = op->account;
  detail_.delete_old =
      store_for(deps_.stores, *old_) != nullptr && !is_adopted(deps_.health, request_.scope, old_reference());
  co_return Result<>();
}

// A slot in the older form keeps it, unless the settings say otherwise.
config::SlotStyle RotateSteps::style_of(const config::AuthKeys& keys) const {
  const bool keeps_pair =
      keys.form() == config::SlotForm::older_pair && deps_.settings.slot_style != config::SlotPreference::canonical;
  return keeps_pair ? config::SlotStyle::bridge : config::SlotStyle::canonical;
}

Result<> RotateSteps::add_target(const Scope& scope) {
  TRY(auto layer, deps_.configuration.layer(scope));
  // An entry that only the container reads belongs to jackin.
  const auto* const source = layer.keys.source();
  if (source == nullptr || deps_.configuration.reference_of(*source) != old_reference()) return {};
  TRY(lease_.hold_scope(scope));
  const auto style = style_of(layer.keys);
  targets_.push_back({scope, std::move(layer.keys), std::nullopt, style});
  detail_.others.push_back(scope);
  return {};
}

Task<> RotateSteps::choose_place() {
  if (requested_place_.given()) co_return co_await plan_elsewhere();
  if (std::holds_alternative<secrets::LiteralSource>(*old_)) {
    plain_ = true;
    co_return Result<>();
  }
  co_return co_await plan_beside();
}

Task<> RotateSteps::plan_beside() {
  auto* const store = store_for(deps_.stores, *old_);
  if (store == nullptr) {
    co_return failure(Reason::unsupported,
                      "nothing can be stored where the token comes from: " + secrets::describe(*old_),
                      "jackinctl rotate " + request_.scope.arguments() + " --store file");
  }
  const secrets::PlaceRequest wanted = place_request(*store);
  CO_TRY(place_, co_await store->plan_successor(*old_, wanted, request_.client));
  CO_TRY(hold(store->changed_item(place_.key)));
  store_ = store;
  is_in_place_ = place_.replaces;
  if (is_in_place_) {
    user_.notice(Severity::info, "the new token goes where the old one is: " + place_.display,
                 "--store keeps it in another place");
  }
  co_return Result<>();
}

Task<> RotateSteps::plan_again() {
  const bool is_beside = !requested_place_.given() && store_for(deps_.stores, *old_) == store_;
  if (is_beside) co_return co_await plan_beside();
  co_return co_await plan_in(*store_);
}

Task<> RotateSteps::plan_elsewhere() {
  if (const auto* op = std::get_if<secrets::OpSource>(&*old_); op != nullptr && requested_place_.store.empty()) {
    // Changes only the requested parts.
    requested_place_.store = "op";
    if (requested_place_.op_account.empty()) requested_place_.op_account = op->account;
    const auto reference = secrets::parse_op_reference(op->reference);
    if (requested_place_.vault.empty() && requested_place_.op_account == op->account && reference)
      requested_place_.vault = reference->vault;
  }
  co_return co_await plan_as_requested();
}

bool RotateSteps::slots_stay() const {
  return is_in_place_ && std::all_of(targets_.begin(), targets_.end(), [&](const Target& target) {
           return target.before == config::wanted_keys(target.style.value_or(style_.style), *old_);
         });
}

void RotateSteps::compare_organization() {
  const std::string& now = upstream_.organization;
  if (now.empty() || old_organization_.empty() || now == old_organization_) return;
  user_.notice(Severity::warning,
               "the new token belongs to another organisation than the old one (" + printable(now, 60) + ", it was " +
                   printable(old_organization_, 60) + "): perhaps the browser was signed in to another account",
               "jackinctl rotate " + request_.scope.arguments());
}

asio::awaitable<void> RotateSteps::find_fellow_readers() {
  if (!detail_.replaces) co_return;
  for (const std::string& reference : {detail_.reference, detail_.old_reference}) {
    const auto users = co_await users_of(deps_, reference);
    for (const Scope& scope : users.scopes) {
      const bool known =
          std::any_of(targets_.begin(), targets_.end(), [&](const Target& target) { return target.scope == scope; });
      if (!known) targets_.push_back({scope, {}, std::nullopt, std::nullopt});
    }
  }
}

asio::awaitable<void> RotateSteps::retire_old() {
  std::vector<Scope> scopes;
  for (const Target& target : targets_) {
    const auto launched = co_await launched_with_that_of(deps_, target.scope);
    scopes.insert(scopes.end(), launched.begin(), launched.end());
  }
  old_holders_ = co_await holders_of(deps_, std::move(scopes), old_fingerprint_, detail_.fingerprint);
  if (!detail_.delete_old || detail_.replaces) co_return;
  auto kept = co_await still_used(deps_, *old_, request_.client);
  if (!kept) {
    const auto announced = co_await announce("delete_old", detail_.old_place);
    if (announced) {
      kept = co_await delete_stored(deps_, *old_, secrets::Removal::only_ours, request_.client);
    } else {
      kept = Kept{true, announced.error().message, mending_command(*old_)};
    }
  }
  deleted_old_ = !kept;
  if (!kept) co_return;
  kept->remedy = for_scope(with_command(std::move(kept->remedy), "jackinctl doctor"), request_.scope);
  if (!kept->is_stuck) {
    user_.notice(Severity::info, kept->message, kept->remedy);
    co_return;
  }
  is_stuck_ = true;
  detail_.place = detail_.old_place;
  detail_.remedy = kept->remedy;
  co_await leave_to_doctor(kept->message);
}

}  // namespace jackin::lifecycle
