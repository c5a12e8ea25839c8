// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/recovery.hpp"

#include <algorithm>
#include <utility>

#include "common/claude.hpp"
#include "common/remedy_command.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/writer.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/discarded_tokens.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/remaining_items.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::lifecycle {
namespace {

constexpr std::string_view unknown_entry = "this version of jackind cannot finish or undo it";

}  // namespace

Recovery::Recovery(Dependencies& deps, Clock::Duration started_at)
    : deps_(deps), started_at_(started_at), journal_(deps.database, deps.pool, deps.clock, deps.paths.config_dir) {}

std::vector<Scope> Recovery::Left::scopes() const {
  std::vector<Scope> all{record.scope};
  all.insert(all.end(), detail.others.begin(), detail.others.end());
  return all;
}

std::optional<secrets::CredentialSource> Recovery::Left::old_source() const {
  return source_of(detail.old_reference, detail.old_account);
}

Task<std::vector<Recovered>> Recovery::run(const Environment& own) {
  CO_TRY(const auto records, co_await journal_.unfinished());
  std::vector<Recovered> all;
  for (const auto& record : records) {
    // `Relocation` continues these operations.
    if (record.kind == OperationKind::relocate) continue;
    auto recovered = co_await recover(record, own);
    const bool is_kept_still = recovered && recovered->outcome == Outcome::kept && record.outcome == Outcome::kept;
    if (recovered && !is_kept_still) all.push_back(*std::move(recovered));
  }
  co_return all;
}

asio::awaitable<std::optional<Recovered>> Recovery::recover(const state::OperationRecord& listed,
                                                            const Environment& own) {
  // A new ID: clients may already know the interrupted operation's ID.
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

std::string Recovery::reference_in(const config::AuthKeys& keys) const {
  const auto* const source = keys.source();
  return source == nullptr ? std::string() : deps_.configuration.reference_of(*source);
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
    has_begun = has_begun || (*layer && reference_in((*layer)->keys) != reference);
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
    if (reference_in(layer->keys) == left.detail.old_reference) {
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
  const auto source = left.old_source();
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

asio::awaitable<Recovered> Recovery::end(Left& left, Outcome outcome, std::string message) {
  const auto removed = co_await remove_left_slots(deps_, left.detail);
  if (!removed) co_return co_await stuck(left, message + "; " + removed.error().message);
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
