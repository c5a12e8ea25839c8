// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/setup_steps.hpp"

#include <utility>

#include "common/claude.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/health/remedies.hpp"
#include "daemon/lifecycle/usage.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::lifecycle {
SetupSteps::SetupSteps(Dependencies& deps, const SetupRequest& request, UserInteraction& user, Operations::Lease& lease)
    : TokenSteps(deps, "setup", request, user, lease), request_(request) {}

Result<> SetupSteps::expect_empty_slot() {
  auto layer = deps_.configuration.layer(request_.scope);
  if (!layer) {
    if (layer.error().reason != Reason::unknown_workspace || !request_.create) {
      return failure(std::move(layer).error());
    }
    targets_.push_back({request_.scope, {}, request_.workdir, std::nullopt});
    return {};
  }
  if (holds_a_token(layer->keys)) {
    return failure(Reason::slot_exists, "'" + printable(request_.scope.str()) + "' has a token already",
                   "jackinctl rotate " + request_.scope.arguments());
  }
  targets_.push_back({request_.scope, std::move(layer->keys), std::nullopt, std::nullopt});
  return {};
}

Task<> SetupSteps::choose_place() {
  CO_TRY(style_, co_await choose_style(deps_.settings.slot_style, deps_.programs, request_.client));
  if (plain_) co_return Result<>();
  co_return co_await plan_as_requested();
}

Task<> SetupSteps::resolve_adopted() {
  CO_TRY(source_, secrets::parse_reference(request_.reuse));
  if (auto* const op = std::get_if<secrets::OpSource>(&*source_)) op->account = request_.place.op_account;
  if (auto* const store = store_for(deps_.stores, *source_)) {
    CO_TRY(source_, co_await store->canonical(*source_, request_.client));
  }
  CO_TRY(style_, co_await choose_style(deps_.settings.slot_style, deps_.programs, request_.client));
  if (style_.style == config::SlotStyle::bridge && !config::fits_older_pair(*source_)) {
    co_return failure(cannot_be_named(secrets::describe(*source_), style_));
  }
  CO_TRY(lease_.hold_item(deps_.configuration.reference_of(*source_)));
  enter("resolve", secrets::describe(*source_));
  const secrets::ResolveContext context{request_.client, true, true};
  const char* const once_it_is_there = "# once the token, alone, is there, or with another --reuse";
  auto resolved = co_await deps_.sources.resolve(*source_, context);
  if (!resolved) {
    Error error = std::move(resolved).error();
    // The remedy for a configured token does not fix one that is not configured yet.
    if (error.remedy.empty() || error.remedy.starts_with("jackinctl ")) error.remedy = once_it_is_there;
    co_return failure(std::move(error));
  }
  token_ = std::move(*resolved);
  const TokenShape shape = shape_of(token_.view());
  if (shape == TokenShape::not_a_token) {
    co_return failure(Reason::token_malformed, health::not_a_token(*source_, shape_problem(token_.view())),
                      once_it_is_there);
  }
  known_shape_ = shape == TokenShape::whole;
  // Uses no estimate: only the expiry that the store gives for the item.
  const auto told = co_await deps_.sources.expiry(*source_, context);
  if (told) expires_on_ = *told;
  stored_in_ = secrets::describe(*source_);
  detail_.reference = deps_.configuration.reference_of(*source_);
  detail_.place = stored_in_;
  detail_.fingerprint = token_.digest().fingerprint();
  co_await take_up_stored();
  detail_.expires_on = expires_on_;
  co_return Result<>();
}

asio::awaitable<void> SetupSteps::take_up_stored() {
  const auto open = co_await journal_.unfinished();
  if (!open) co_return;
  for (const auto& record : *open) {
    if (record.outcome != to_text(Outcome::kept)) continue;
    const auto kept = state::journal_detail_from(record.detail);
    if (!kept || kept->reference != detail_.reference || kept->fingerprint != detail_.fingerprint) continue;
    adopts_ours_ = true;
    detail_.expiry_known = kept->expiry_known;
    // Recovery deletes the token that it was to replace.
    if (!kept->delete_old) taken_up_ = record.id;
    if (!expires_on_) expires_on_ = kept->expires_on;
  }
}

}  // namespace jackin::lifecycle
