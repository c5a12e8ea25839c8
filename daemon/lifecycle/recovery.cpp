// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/recovery.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/claude.hpp"
#include "common/remedy_command.hpp"
#include "common/untrusted_text.hpp"
#include "common/words.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/writer.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/discarded_tokens.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/remaining_items.hpp"
#include "daemon/lifecycle/usage.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::lifecycle {
namespace {

constexpr std::string_view unknown_entry = "this version of jackind cannot finish or undo it";

std::optional<secrets::CredentialSource> old_source_of(const state::JournalDetail& detail) {
  return source_of(detail.old_reference, detail.old_account);
}

std::string reference_in(const config::Configuration& configuration, const config::AuthKeys& keys) {
  const auto* const source = keys.source();
  return source == nullptr ? std::string() : configuration.reference_of(*source);
}

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

Recovery::Recovery(Dependencies& deps, Clock::Duration started_at)
    : deps_(deps), started_at_(started_at), journal_(deps.database, deps.pool, deps.clock, deps.paths.config_dir) {}

std::vector<Scope> Recovery::Left::scopes() const {
  std::vector<Scope> all{record.scope};
  all.insert(all.end(), detail.others.begin(), detail.others.end());
  return all;
}

Task<std::vector<Recovered>> Recovery::run(const Environment& own) {
  CO_TRY(const auto records, co_await journal_.unfinished());
  std::vector<Recovered> all;
  for (const auto& record : records) {
    // Relocation continues it.
    if (record.kind == OperationKind::relocate) continue;
    auto recovered = co_await recover(record, own);
    const bool is_kept_still = recovered && recovered->outcome == Outcome::kept && record.outcome == Outcome::kept;
    if (recovered && !is_kept_still) all.push_back(*std::move(recovered));
  }
  co_return all;
}

asio::awaitable<std::optional<Recovered>> Recovery::recover(const state::OperationRecord& listed,
                                                            const Environment& own) {
  // The recovered operation may have been published with its own ID.
  auto lease = deps_.operations.begin(new_operation_id(), OperationKind::recovery, listed.scope, deps_.clock.now(), {});
  if (!lease) co_return std::nullopt;
  lease->go_on_as(listed.id);
  auto recovered = co_await recover_under(*lease, listed, own);
  if (recovered) lease->set_result({recovered->outcome, std::nullopt, std::nullopt, deps_.clock.now()});
  co_return recovered;
}

asio::awaitable<std::optional<Recovered>> Recovery::recover_under(Operations::Lease& lease,
                                                                  const state::OperationRecord& listed,
                                                                  const Environment& own) {
  // Reads the entry again under the lease: the operation may have continued or ended since it was listed.
  const auto open = co_await journal_.unfinished();
  if (!open) co_return std::nullopt;
  const auto record =
      std::find_if(open->begin(), open->end(), [&](const auto& candidate) { return candidate.id == listed.id; });
  if (record == open->end()) co_return std::nullopt;
  auto detail = state::journal_detail_from(record->detail);
  if (!detail) {
    // The detail stays as it is: another version of jackind can read it.
    static_cast<void>(co_await journal_.end(record->id, Outcome::stuck));
    co_return Recovered{record->id, record->kind, record->scope, Outcome::stuck, std::string(unknown_entry)};
  }
  const auto is_ours = co_await is_of_configuration(deps_.named_files, deps_.paths.config_dir, *detail);
  // Leaves the entry as it is for a later run.
  if (!is_ours) co_return Recovered{record->id, record->kind, record->scope, Outcome::stuck, is_ours.error().message};
  if (!*is_ours) co_return std::nullopt;
  Left left{*record, *std::move(detail), own};
  for (const Scope& other : left.detail.others) {
    if (!lease.hold_scope(other)) co_return std::nullopt;
  }
  auto* const store = store_of(left);
  const std::string changed = store == nullptr ? std::string() : store->changed_item(left.detail.place_key);
  for (const std::string& reference : {left.detail.reference, left.detail.old_reference, changed}) {
    if (!reference.empty() && !lease.hold_item(reference)) co_return std::nullopt;
  }
  if (record->kind == OperationKind::revoke) co_return co_await recover_revocation(left);
  if (record->kind == OperationKind::setup || record->kind == OperationKind::rotate) {
    co_return co_await recover_token(left);
  }
  co_return co_await stuck(left, std::string(unknown_entry));
}

secrets::Store* Recovery::store_of(const Left& left) const {
  const auto store = std::find_if(deps_.stores.begin(), deps_.stores.end(),
                                  [&](const auto* candidate) { return candidate->kind() == left.detail.store; });
  return store == deps_.stores.end() ? nullptr : *store;
}

// A scope's own layer; nothing when it has no file.
Task<std::optional<config::LayerAuth>> Recovery::layer_of(Scope scope) {
  auto layer = co_await deps_.configuration.layer(scope);
  if (!layer && layer.error().reason != Reason::unknown_workspace) co_return failure(std::move(layer).error());
  if (!layer || !layer->file_exists) co_return std::nullopt;
  co_return *std::move(layer);
}

// A missing configuration may be restored later and name the token.
asio::awaitable<Recovered> Recovery::stuck_without(Left& left, const Scope& not_found,
                                                   const secrets::CredentialSource& kept) {
  const auto file = config::file_of(not_found, deps_.paths).lexically_relative(deps_.paths.config_dir);
  left.detail.remedy =
      Remedy::check().noting("when " + printable(file.string()) +
                             " exists again; if it was deleted for good: " + command_line(or_check(deletion_of(kept))));
  co_return co_await stuck(left, "kept " + secrets::describe(kept) + ": the configuration of '" +
                                     printable(not_found.str()) + "' is missing and might still use it");
}

asio::awaitable<bool> Recovery::is_gone(const Left& left, const secrets::CredentialSource& source) {
  const secrets::ResolveContext context{left.own, false, true};
  const auto value = co_await deps_.sources.resolve(source, context);
  co_return !value && value.error().reason == Reason::source_gone;
}

// For an operation whose stored item was not found. This result is final only when no program can still be storing it.
asio::awaitable<Recovered> Recovery::end_without_a_trace(Left& left, secrets::Store& store) {
  bool may_be_storing = left.record.step == Step::store;
  if (may_be_storing) {
    const auto outlives = co_await store.outlives_daemon(left.own);
    may_be_storing = deps_.clock.uptime() < started_at_ + outlives;
  }
  if (!may_be_storing) co_return co_await end(left, Outcome::undone, "it had stored nothing");
  // Leaves the entry open; a later run determines the outcome.
  co_return Recovered{left.record.id, left.record.kind, left.record.scope, Outcome::stuck,
                      "a program may still be storing its token"};
}

// --- setup and rotate ------------------------------------------------------------------------------------------------

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
    } else if (reference_in(deps_.configuration, (*layer)->keys) == left.detail.reference) {
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
    const bool has_old = !left.detail.old_reference.empty() &&
                         reference_in(deps_.configuration, layer->keys) == left.detail.old_reference;
    if (!has_old) continue;
    config::SlotChange change{scope, config::wanted_keys(config::style_of(layer->keys), source), layer->keys,
                              std::nullopt};
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
    // For a slot that cannot be read now the recorded reference counts.
    const bool is_seen = layer && *layer;
    std::string reference;
    if (is_seen) {
      reference = reference_in(deps_.configuration, (*layer)->keys);
    } else if (known) {
      reference = known->reference;
    }
    const bool has_it =
        !reference.empty() && (reference == detail.reference || (detail.replaces && reference == detail.old_reference));
    if (!has_it) continue;
    if (known && known->reference == reference) {
      const bool is_same = known->fingerprint == *detail.fingerprint;
      if (is_same && (known->minted_by_us || !detail.minted)) continue;
      // A token that is overwritten in place was examined already.
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
  const auto source = old_source_of(left.detail);
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

// --- revoke ----------------------------------------------------------------------------------------------------------

asio::awaitable<Recovered> Recovery::recover_revocation(Left& left) {
  if (left.detail.slots_done) co_return co_await finish_old(left, "the token was removed");
  const std::string& reference = left.detail.old_reference;
  bool has_begun = false;
  bool all_found = true;
  for (const Scope& scope : left.scopes()) {
    const auto layer = co_await layer_of(scope);
    if (!layer) co_return co_await stuck(left, "cannot tell whether it had begun: " + layer.error().message);
    all_found = all_found && *layer;
    has_begun = has_begun || (*layer && reference_in(deps_.configuration, (*layer)->keys) != reference);
  }
  // A missing file does not show whether it was changed. Without anything to delete this does not matter.
  const bool may_have_begun = has_begun || (!all_found && left.detail.delete_old);
  if (!may_have_begun || reference.empty()) co_return co_await end(left, Outcome::undone, "it had changed nothing");
  if (has_begun) {
    const auto cleared = co_await clear_rest(left);
    if (!cleared) co_return co_await stuck(left, cleared.error().message);
  }
  left.detail.slots_done = all_found;
  co_return co_await finish_old(left, "the token was removed");
}

Task<> Recovery::clear_rest(Left& left) {
  for (const Scope& scope : left.scopes()) {
    auto layer = co_await deps_.configuration.layer(scope);
    if (!layer) continue;
    if (reference_in(deps_.configuration, layer->keys) == left.detail.old_reference) {
      config::SlotChange change{scope, config::AuthKeys::revoked(), layer->keys, std::nullopt};
      auto work = [&paths = deps_.paths, change = std::move(change)] { return config::write_slot(paths, change); };
      CO_TRY(co_await deps_.writers.run(std::move(work)));
    }
    // The scope may have another token by now.
    const auto known = deps_.health.token_of(scope);
    if (known && known->reference == left.detail.old_reference) {
      CO_TRY(co_await deps_.health.forget(scope));
    }
  }
  co_return Result<>();
}

// --- the end ---------------------------------------------------------------------------------------------------------

asio::awaitable<Recovered> Recovery::finish_old(Left& left, std::string message) {
  if (!left.detail.delete_old) co_return co_await end(left, Outcome::done, std::move(message));
  const auto source = old_source_of(left.detail);
  if (!source) co_return co_await stuck(left, message + ", but the place of the old one cannot be read");
  for (const Scope& scope : left.scopes()) {
    const auto layer = co_await layer_of(scope);
    // still_used reports a layer that cannot be read.
    if (!layer || *layer) continue;
    const bool gone = co_await is_gone(left, *source);
    if (gone) co_return co_await end(left, Outcome::done, message + ", and the old one is gone");
    left.detail.place = left.detail.old_place;
    co_return co_await stuck_without(left, scope, *source);
  }
  auto kept = co_await still_used(deps_, *source, left.own);
  if (!kept) {
    const auto removal = left.detail.even_not_ours ? secrets::Removal::whatever_it_is : secrets::Removal::only_ours;
    kept = co_await delete_stored(deps_, *source, removal, left.own);
  }
  if (!kept) co_return co_await end(left, Outcome::done, message + ", and the old one deleted");
  if (!kept->is_stuck) co_return co_await end(left, Outcome::done, message + "; " + kept->message);
  left.detail.place = left.detail.old_place;
  left.detail.remedy = kept->remedy;
  co_return co_await stuck(left, message + "; " + kept->message);
}

// After a store failed, the token continued in an operation of its own (TokenOperation::take_back), so it is in use or
// listed there.
Task<bool> Recovery::remember_if_discarded(const Left& left) {
  for (const Scope& scope : left.scopes()) {
    const auto known = deps_.health.token_of(scope);
    if (known && left.detail.fingerprint && known->fingerprint == *left.detail.fingerprint) co_return false;
  }
  CO_TRY(const auto open, co_await journal_.unfinished());
  for (const auto& other : open) {
    const auto detail = other.id == left.record.id ? std::nullopt : state::journal_detail_from(other.detail);
    if (detail && detail->fingerprint == left.detail.fingerprint) co_return false;
  }
  CO_TRY(co_await remember_discarded(deps_, left.record.kind, left.record.scope, left.detail));
  co_return true;
}

asio::awaitable<Recovered> Recovery::end(const Left& left, Outcome outcome, std::string message) {
  if (outcome == Outcome::undone && left.detail.minted) {
    const auto discarded = co_await remember_if_discarded(left);
    // The entry stays open, and the next run records it.
    if (!discarded)
      co_return Recovered{left.record.id, left.record.kind, left.record.scope, outcome, std::move(message)};
    if (*discarded) message += "; the new token was discarded, remove it at " + std::string(token_page);
  }
  // If the disk refuses this entry, the next start reaches the same result.
  static_cast<void>(co_await journal_.end(left.record.id, outcome));
  co_return Recovered{left.record.id, left.record.kind, left.record.scope, outcome, std::move(message)};
}

asio::awaitable<Recovered> Recovery::stuck(Left& left, std::string message) {
  if (left.detail.remedy.empty() && !left.detail.place.empty()) {
    left.detail.remedy = Remedy::check().noting("after you delete it there: " + left.detail.place);
  }
  left.detail.remedy = for_scope(or_check(std::move(left.detail.remedy)), left.record.scope);
  // Keeps the step in which it was stuck, so that each start tries the same again.
  static_cast<void>(co_await journal_.enter(left.record.id, left.record.step.value_or(Step::stuck), left.detail));
  static_cast<void>(co_await journal_.end(left.record.id, Outcome::stuck));
  co_return Recovered{left.record.id, left.record.kind, left.record.scope, Outcome::stuck, std::move(message)};
}

}  // namespace jackin::lifecycle
