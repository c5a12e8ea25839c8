// SPDX-License-Identifier: Apache-2.0
// Recovery of setups and rotations: whether the token is configured decides whether they are finished or undone.

#include <algorithm>
#include <utility>
#include <variant>

#include "common/claude.hpp"
#include "common/untrusted_text.hpp"
#include "common/words.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/writer.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/lifecycle/recovery.hpp"
#include "daemon/lifecycle/slot_style.hpp"
#include "daemon/lifecycle/usage.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::lifecycle {
namespace {

// Whether a crash in this step may have come after a change of the configuration. True for an unknown step.
bool may_have_written(std::optional<Step> step) {
  return step != Step::begun && step != Step::mint && step != Step::captured && step != Step::store &&
         step != Step::read_back && step != Step::give_up;
}

Remedy reuse_of(const Scope& scope, const secrets::CredentialSource& source) {
  Remedy remedy = Remedy::of(RemedyAction::reuse_token, scope);
  remedy.reference = secrets::reference_of(source);
  return remedy;
}

}  // namespace

asio::awaitable<Recovered> Recovery::recover_token(Left& left) {
  const bool rotates_in_place = left.detail.replaces && !left.detail.old_reference.empty();
  if (rotates_in_place) co_return co_await recover_written_over(left);
  // The slots' current content may come from a later operation.
  if (left.detail.slots_done) co_return co_await finish_old(left, "the configuration already named its token");
  // A slot is written only after all checks. Without a recorded reference it cannot have been written.
  if (left.detail.reference.empty()) co_return co_await undo_token(left, std::nullopt);
  std::optional<secrets::CredentialSource> configured;
  std::optional<Scope> not_found;
  for (const Scope& scope : left.scopes()) {
    const auto layer = co_await layer_of(scope);
    if (!layer) {
      co_return co_await stuck(left, "cannot tell whether its token is in use: " + layer.error().message);
    }
    if (!*layer) {
      not_found = scope;
    } else if (reference_in((*layer)->keys) == left.detail.reference) {
      configured = *(*layer)->keys.source();
    }
  }
  if (configured) co_return co_await finish_token(left, *configured);
  if (!may_have_written(left.record.step)) not_found.reset();
  co_return co_await undo_token(left, std::move(not_found));
}

asio::awaitable<Recovered> Recovery::finish_token(Left& left, const secrets::CredentialSource& source) {
  const auto configured = co_await write_remaining_slots(left, source);
  if (!configured) co_return co_await stuck(left, configured.error().message);
  const auto recorded = co_await record_token(left);
  if (!recorded) co_return co_await stuck(left, recorded.error().message);
  left.detail.slots_done = true;
  co_return co_await finish_old(left, "the configuration already named its token");
}

// Writes the slots of the scopes that the operation did not reach.
Task<> Recovery::write_remaining_slots(Left& left, const secrets::CredentialSource& source) {
  for (const Scope& scope : left.scopes()) {
    auto layer = co_await deps_.configuration.layer(scope);
    if (!layer && layer.error().reason == Reason::unknown_workspace) continue;
    if (!layer) co_return failure(std::move(layer).error());
    const bool has_old = !left.detail.old_reference.empty() && reference_in(layer->keys) == left.detail.old_reference;
    if (!has_old) continue;
    const StyleChoice style = kept_style(deps_.settings.slot_style, scope, layer->keys);
    config::SlotChange change{scope, config::wanted_keys(style.for_source(source), source, kept_variable(layer->keys)),
                              layer->keys, std::nullopt};
    auto work = [&paths = deps_.paths, change = std::move(change)] { return config::write_slot(paths, change); };
    CO_TRY(co_await deps_.writers.run(std::move(work)));
  }
  co_return Result<>();
}

Task<> Recovery::record_token(Left& left) {
  const auto& detail = left.detail;
  if (!detail.fingerprint) co_return Result<>();
  std::vector<Scope> scopes = left.scopes();
  if (detail.replaces) {
    // All scopes that read the place have the new token.
    const auto readers = co_await readers_of(deps_, detail.old_reference);
    for (const Scope& user : readers) {
      if (std::find(scopes.begin(), scopes.end(), user) == scopes.end()) scopes.push_back(user);
    }
  }
  for (const Scope& scope : scopes) {
    const auto layer = co_await layer_of(scope);
    const auto known = deps_.health.token_of(scope);
    // If the slot cannot be read now, the recorded reference decides.
    const bool is_seen = layer && *layer;
    std::string reference;
    if (is_seen) {
      reference = reference_in((*layer)->keys);
    } else if (known) {
      reference = known->reference;
    }
    const bool has_it =
        !reference.empty() && (reference == detail.reference || (detail.replaces && reference == detail.old_reference));
    if (!has_it) continue;
    if (known && known->reference == reference) {
      const bool is_same = known->fingerprint == *detail.fingerprint;
      if (is_same && (known->minted_by_us || !detail.minted)) continue;
      // For a token that was overwritten in place, recover_written_over has compared the content already.
      if (!is_same && !detail.replaces && is_seen) {
        CO_TRY(const bool newer, co_await is_newer(left, *known, *(*layer)->keys.source()));
        if (newer) continue;
      }
    }
    state::TokenRecord token;
    token.scope = scope;
    token.reference = reference;
    token.fingerprint = *detail.fingerprint;
    token.expires_on = detail.expires_on;
    token.expiry_estimated = detail.expiry_estimated();
    token.minted_by_us = detail.minted;
    token.organization = detail.organization;
    token.recorded_at = deps_.clock.now();
    const health::UpstreamAnswer not_asked;
    CO_TRY(co_await deps_.health.record(token, not_asked));
  }
  co_return Result<>();
}

// Whether a differing record is from a later operation. The content of the source decides, not the wall clock.
Task<bool> Recovery::is_newer(const Left& left, const state::TokenRecord& known,
                              const secrets::CredentialSource& source) {
  const secrets::ResolveContext context{left.own, false, true};
  CO_TRY(const Secret value, co_await deps_.sources.resolve(source, context));
  const auto fingerprint = value.digest().fingerprint();
  co_return fingerprint == known.fingerprint || fingerprint != *left.detail.fingerprint;
}

asio::awaitable<Recovered> Recovery::undo_token(Left& left, std::optional<Scope> not_found) {
  const auto& detail = left.detail;
  if (!detail.store) co_return co_await end(left, Outcome::undone, "it had stored nothing");
  auto* const store = store_of(left);
  if (store == nullptr)
    co_return co_await stuck(left, "this system has no store '" + std::string(word_of(*detail.store)) + "'");
  const auto found = co_await store->find_by_operation(left.record.id, detail.place_key, left.own);
  const bool was_kept = left.record.outcome == Outcome::kept;
  if (!found && was_kept) {
    co_return Recovered{left.record.id, left.record.kind, left.record.scope, Outcome::kept, found.error().message};
  }
  if (!found) {
    left.detail.remedy = store->finds(left.record.id, detail.place_key);
    co_return co_await stuck(left, found.error().message);
  }
  if (!*found) co_return co_await end_without_a_trace(left, *store);
  const auto& item = **found;
  // A workspace that the operation was to create is missing in any case.
  const bool is_missing = not_found && detail.workdir.empty();
  if (is_missing) co_return co_await stuck_without(left, *not_found, item.source);
  if (!item.created) co_return co_await undo_in_existing(left, *store, item);
  // Another scope may have adopted it since.
  auto kept = co_await still_used(deps_, item.source, left.own);
  if (kept && !kept->is_stuck) co_return co_await end(left, Outcome::done, std::move(kept->message));
  bool keeps = detail.keep;
  if (!keeps && stays_if_whole(left)) {
    const auto value = co_await store->read_back(item, nullptr, left.own);
    if (!value) {
      left.detail.remedy = Remedy::check();
      co_return co_await stuck(left, value.error().message);
    }
    keeps = value->digest().fingerprint() == *detail.fingerprint;
  }
  if (keeps) co_return co_await keep(left, item);
  if (kept) {
    left.detail.remedy = std::move(kept->remedy);
    co_return co_await stuck(left, std::move(kept->message));
  }
  const auto undone = co_await undo_storing(*store, item, detail.place_key, left.own);
  if (!undone) {
    left.detail.remedy = undone.error().remedy;
    co_return co_await stuck(left, undone.error().message);
  }
  co_return co_await end(left, Outcome::undone, "the token that it had stored was deleted: " + printable(item.display));
}

// Whether to keep the token, so that the user need not consent again: it was stored, and neither the user nor the
// store refused it. The content of the item decides.
bool Recovery::stays_if_whole(const Left& left) {
  return left.detail.minted && left.detail.fingerprint &&
         (left.record.step == Step::store || left.record.step == Step::read_back);
}

asio::awaitable<Recovered> Recovery::keep(Left& left, const secrets::StoredItem& item) {
  left.detail.keep = true;
  left.detail.reference = deps_.configuration.reference_of(item.source);
  if (const auto* const op = std::get_if<secrets::OpSource>(&item.source)) left.detail.account = op->account;
  left.detail.place = item.display;
  left.detail.remedy = configuration_of(left.record.scope, left.detail);
  const auto removed = co_await remove_left_slots(deps_, left.detail);
  if (!removed) co_return co_await stuck(left, removed.error().message);
  if (left.record.outcome != Outcome::kept || left.record.detail != state::to_json(left.detail)) {
    static_cast<void>(co_await journal_.enter(left.record.id, left.record.step.value_or(Step::stuck), left.detail));
    static_cast<void>(co_await journal_.end(left.record.id, Outcome::kept));
  }
  co_return Recovered{left.record.id, left.record.kind, left.record.scope, Outcome::kept,
                      "its token is kept, not configured, in " + printable(item.display)};
}

// A scope that has received the operation's token through a later operation.
Task<std::optional<Scope>> Recovery::owner_of_its_token(const Left& left, const secrets::CredentialSource& place) {
  const auto users = co_await users_of(deps_, deps_.configuration.reference_of(place));
  if (users.unlisted) co_return failure(*users.unlisted);
  for (const Scope& user : users.scopes) {
    const auto known = deps_.health.token_of(user);
    if (known && left.detail.fingerprint && known->fingerprint == *left.detail.fingerprint) co_return user;
  }
  co_return std::nullopt;
}

// For a field or a file that jackind did not create: there is something to undo only when it holds the operation's
// token.
asio::awaitable<Recovered> Recovery::undo_in_existing(Left& left, secrets::Store& store,
                                                      const secrets::StoredItem& item) {
  const auto value = co_await store.read_back(item, nullptr, left.own);
  if (!value) co_return co_await stuck(left, value.error().message);
  const bool is_its_token = left.detail.fingerprint && value->digest().fingerprint() == *left.detail.fingerprint;
  if (!is_its_token) co_return co_await end_without_a_trace(left, store);
  const auto owner = co_await owner_of_its_token(left, item.source);
  if (!owner) co_return co_await stuck(left, owner.error().message);
  if (*owner) {
    co_return co_await end(left, Outcome::done, "'" + printable((*owner)->str()) + "' uses the token that it stored");
  }
  if (left.detail.keep || stays_if_whole(left)) co_return co_await keep(left, item);
  const auto undone = co_await store.put_back(item, left.detail.place_key, left.own);
  if (undone) {
    co_return co_await end(left, Outcome::undone,
                           "the token that it had stored was deleted: " + printable(item.display));
  }
  left.detail.remedy =
      undone.error().reason == Reason::not_ours ? reuse_of(left.record.scope, item.source) : undone.error().remedy;
  co_return co_await stuck(left, undone.error().message);
}

// For a rotation that overwrote the old token in place: the current content decides.
asio::awaitable<Recovered> Recovery::recover_written_over(Left& left) {
  const auto source = left.old_source();
  if (!source) co_return co_await stuck(left, "the place of its token cannot be read");
  left.detail.remedy = Remedy::check();
  auto* const store = store_for(deps_.stores, *source);
  if (store != nullptr && left.detail.store) {
    // Also deletes temporary files of an interrupted write.
    const auto found = co_await store->find_by_operation(left.record.id, left.detail.place_key, left.own);
    if (!found) co_return co_await stuck(left, found.error().message);
  }
  const secrets::ResolveContext context{left.own, false, true};
  const auto value = co_await deps_.sources.resolve(*source, context);
  const std::string name = secrets::describe(*source);
  if (!value && value.error().reason == Reason::source_gone) {
    co_return co_await end(left, Outcome::undone, name + " no longer exists, nor does a token stored there");
  }
  if (!value) co_return co_await stuck(left, "the content of " + name + " cannot be read: " + value.error().message);
  const auto fingerprint = value->digest().fingerprint();
  if (left.detail.fingerprint && fingerprint == *left.detail.fingerprint) {
    const auto recorded = co_await record_token(left);
    if (!recorded) co_return co_await stuck(left, recorded.error().message);
    co_return co_await end(left, Outcome::done, "the configuration already named its token");
  }
  const bool is_old = left.detail.old_fingerprint && fingerprint == *left.detail.old_fingerprint;
  if (is_old && store != nullptr) co_return co_await end_without_a_trace(left, *store);
  if (is_old || shape_of(value->view()) == TokenShape::whole) {
    co_return co_await end(left, Outcome::undone, "it had stored nothing");
  }
  left.detail.remedy = Remedy::rotate(left.record.scope);
  co_return co_await stuck(left, "the content of " + name + " is not a token");
}

}  // namespace jackin::lifecycle
