#include "daemon/lifecycle/recovery.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/remedy.hpp"
#include "common/token_shape.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/writer.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/lifecycle/operations.hpp"
#include "daemon/lifecycle/usage.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::lifecycle {
namespace {

std::optional<secrets::CredentialSource> old_source_of(const state::JournalDetail& detail) {
  auto source = secrets::parse_reference(detail.old_reference);
  if (!source) return std::nullopt;
  if (auto* const op = std::get_if<secrets::OpSource>(&*source)) op->account = detail.old_account;
  return *std::move(source);
}

std::string reference_in(const config::Configuration& configuration, const config::AuthKeys& keys) {
  const auto* const source = keys.source();
  return source == nullptr ? std::string() : configuration.reference_of(*source);
}

config::SlotStyle style_of(const config::AuthKeys& keys) {
  return keys.form() == config::SlotForm::older_pair ? config::SlotStyle::bridge : config::SlotStyle::canonical;
}

}  // namespace

Recovery::Recovery(Parts& parts, Moment started_at)
    : parts_(parts), started_at_(started_at), journal_(parts.database, parts.pool, parts.clock) {}

std::vector<Scope> Recovery::Left::scopes() const {
  std::vector<Scope> all{record.scope};
  all.insert(all.end(), detail.others.begin(), detail.others.end());
  return all;
}

Task<std::vector<Recovered>> Recovery::run(const Environment& own) {
  CO_TRY(const auto records, co_await journal_.unfinished());
  std::vector<Recovered> all;
  for (const auto& record : records) {
    // Gone on with by Relocation.
    if (record.kind == "relocate") continue;
    auto recovered = co_await recover(record, own);
    if (recovered) all.push_back(*std::move(recovered));
  }
  co_return all;
}

asio::awaitable<std::optional<Recovered>> Recovery::recover(const state::OperationRecord& listed,
                                                            const Environment& own) {
  auto lease = parts_.operations.begin(listed.id, "recovery", listed.scope, parts_.clock.now(), {});
  if (!lease) co_return std::nullopt;
  // As it is now that nobody else is at it: it may have gone on, or have ended, since it was listed.
  const auto open = co_await journal_.unfinished();
  if (!open) co_return std::nullopt;
  const auto record =
      std::find_if(open->begin(), open->end(), [&](const auto& candidate) { return candidate.id == listed.id; });
  if (record == open->end()) co_return std::nullopt;
  auto detail = state::journal_detail_from(record->detail);
  Left left{*record, detail.value_or(state::JournalDetail()), own};
  for (const Scope& other : left.detail.others) {
    if (!lease->hold_scope(other)) co_return std::nullopt;
  }
  auto* const store = store_of(left);
  const std::string changed = store == nullptr ? std::string() : store->changed_item(left.detail.place_key);
  for (const std::string& reference : {left.detail.reference, left.detail.old_reference, changed}) {
    if (!reference.empty() && !lease->hold_item(reference)) co_return std::nullopt;
  }
  if (detail && record->kind == "revoke") co_return co_await recover_revocation(left);
  if (detail && (record->kind == "setup" || record->kind == "rotate")) co_return co_await recover_token(left);
  co_return co_await stuck(left, "this jackind does not know how to finish or undo it");
}

secrets::Store* Recovery::store_of(const Left& left) const {
  const auto store = std::find_if(parts_.stores.begin(), parts_.stores.end(),
                                  [&](const auto* candidate) { return candidate->kind() == left.detail.store; });
  return store == parts_.stores.end() ? nullptr : *store;
}

// Where nothing was found of what it had begun to store: that counts once nothing can be storing any more.
asio::awaitable<Recovered> Recovery::end_without_a_trace(Left& left, secrets::Store& store) {
  bool may_be_at_it = left.record.step == "store" && left.record.begun_at < started_at_;
  if (may_be_at_it) {
    const auto outlives = co_await store.outlives_daemon(left.own);
    may_be_at_it = parts_.clock.now() < started_at_ + outlives;
  }
  if (!may_be_at_it) co_return co_await end(left, Outcome::undone, "it had stored nothing");
  // Left open as it is: whoever looks later sees what became of it.
  co_return Recovered{left.record.id, left.record.kind, left.record.scope, Outcome::stuck,
                      "what was storing its token may still be at it"};
}

// --- setup and rotate ------------------------------------------------------------------------------------------------

asio::awaitable<Recovered> Recovery::recover_token(Left& left) {
  const bool rotates_in_place = left.detail.replaces && !left.detail.old_reference.empty();
  if (rotates_in_place) co_return co_await recover_written_over(left);
  // What the slots say now may be from a later operation.
  if (left.detail.slots_done) co_return co_await finish_old(left, "its token was put in place");
  // A slot is written only after all has been validated; before its reference was known it cannot have been.
  if (left.detail.reference.empty()) co_return co_await undo_token(left);
  std::optional<secrets::CredentialSource> wired;
  for (const Scope& scope : left.scopes()) {
    const auto layer = parts_.configuration.layer(scope);
    if (!layer && layer.error().reason != Reason::unknown_workspace) {
      co_return co_await stuck(left, "whether its token is in use cannot be seen: " + layer.error().message);
    }
    if (layer && reference_in(parts_.configuration, layer->keys) == left.detail.reference)
      wired = *layer->keys.source();
  }
  if (wired) co_return co_await finish_token(left, *wired);
  co_return co_await undo_token(left);
}

asio::awaitable<Recovered> Recovery::finish_token(Left& left, const secrets::CredentialSource& source) {
  const auto wired = co_await wire_rest(left, source);
  if (!wired) co_return co_await stuck(left, wired.error().message);
  const auto recorded = co_await record_token(left);
  if (!recorded) co_return co_await stuck(left, recorded.error().message);
  left.detail.slots_done = true;
  co_return co_await finish_old(left, "its token was in place already");
}

// Of several scopes that were to get the token, those that were not reached.
Task<> Recovery::wire_rest(Left& left, const secrets::CredentialSource& source) {
  for (const Scope& scope : left.scopes()) {
    auto layer = parts_.configuration.layer(scope);
    if (!layer && layer.error().reason == Reason::unknown_workspace) continue;
    if (!layer) co_return failure(std::move(layer).error());
    const bool has_old = !left.detail.old_reference.empty() &&
                         reference_in(parts_.configuration, layer->keys) == left.detail.old_reference;
    if (!has_old) continue;
    config::SlotChange change{scope, config::wanted_keys(style_of(layer->keys), source), layer->keys, std::nullopt};
    auto work = [&paths = parts_.paths, change = std::move(change)] { return config::write_slot(paths, change); };
    CO_TRY(co_await parts_.writers.run(std::move(work)));
  }
  co_return Result<>();
}

Task<> Recovery::record_token(Left& left) {
  const auto& detail = left.detail;
  if (!detail.fingerprint) co_return Result<>();
  std::vector<Scope> scopes = left.scopes();
  if (detail.replaces) {
    // Whoever reads the place has the new token.
    for (const Scope& user : users_of(parts_.configuration, detail.old_reference).scopes) {
      if (std::find(scopes.begin(), scopes.end(), user) == scopes.end()) scopes.push_back(user);
    }
  }
  for (const Scope& scope : scopes) {
    const auto layer = parts_.configuration.layer(scope);
    const std::string reference = layer ? reference_in(parts_.configuration, layer->keys) : std::string();
    const bool has_it =
        !reference.empty() && (reference == detail.reference || (detail.replaces && reference == detail.old_reference));
    if (!has_it) continue;
    const auto known = parts_.health.token_of(scope);
    const bool is_recorded = known && known->reference == reference && known->recorded_at >= left.record.begun_at;
    if (is_recorded) continue;
    state::TokenRecord token;
    token.scope = scope;
    token.reference = reference;
    token.fingerprint = *detail.fingerprint;
    token.expires_on = detail.expires_on;
    token.expiry_estimated = detail.minted;
    token.minted_by_us = detail.minted;
    token.organization = detail.organization;
    token.recorded_at = parts_.clock.now();
    const health::UpstreamAnswer not_asked;
    CO_TRY(co_await parts_.health.record(token, not_asked));
  }
  co_return Result<>();
}

asio::awaitable<Recovered> Recovery::undo_token(Left& left) {
  const auto& detail = left.detail;
  if (detail.store.empty()) co_return co_await end(left, Outcome::undone, "it had stored nothing");
  auto* const store = store_of(left);
  if (store == nullptr) co_return co_await stuck(left, "there is no store '" + printable(detail.store) + "' here");
  const auto found = co_await store->find_by_operation(left.record.id, detail.place_key, left.own);
  if (!found) {
    left.detail.remedy = store->search_command(left.record.id, detail.place_key);
    co_return co_await stuck(left, found.error().message);
  }
  if (!*found) co_return co_await end_without_a_trace(left, *store);
  const auto& item = **found;
  if (!item.created) co_return co_await undo_in_existing(left, *store, item);
  // Somebody may have taken it over since.
  auto kept = co_await still_used(parts_, item.source, left.own);
  if (kept && !kept->is_stuck) co_return co_await end(left, Outcome::done, std::move(kept->message));
  if (kept) {
    left.detail.remedy = std::move(kept->remedy);
    co_return co_await stuck(left, std::move(kept->message));
  }
  const auto undone = co_await take_out(*store, item, detail.place_key, left.own);
  if (!undone) {
    left.detail.remedy = undone.error().remedy;
    co_return co_await stuck(left, undone.error().message);
  }
  co_return co_await end(left, Outcome::undone, "what it had stored was taken back: " + printable(item.display));
}

// A scope that has got the operation's token by another one since.
std::optional<Scope> Recovery::owner_of_its_token(const Left& left, const secrets::CredentialSource& place) {
  for (const Scope& user : users_of(parts_.configuration, parts_.configuration.reference_of(place)).scopes) {
    const auto known = parts_.health.token_of(user);
    if (known && left.detail.fingerprint && known->fingerprint == *left.detail.fingerprint) return user;
  }
  return std::nullopt;
}

// A field or a file that is not jackind's: only when it holds the operation's token is there anything to undo.
asio::awaitable<Recovered> Recovery::undo_in_existing(Left& left, secrets::Store& store,
                                                      const secrets::StoredItem& item) {
  const auto value = co_await store.read_back(item, left.own);
  if (!value) co_return co_await stuck(left, value.error().message);
  const bool is_its_token = left.detail.fingerprint && value->digest().fingerprint() == *left.detail.fingerprint;
  if (!is_its_token) co_return co_await end_without_a_trace(left, store);
  if (const auto owner = owner_of_its_token(left, item.source)) {
    co_return co_await end(left, Outcome::done, "'" + printable(owner->str()) + "' uses what it stored");
  }
  const auto undone = co_await store.put_back(item, left.detail.place_key, left.own);
  if (undone) {
    co_return co_await end(left, Outcome::undone, "what it had stored was taken back: " + printable(item.display));
  }
  left.detail.remedy = undone.error().reason == Reason::not_ours
                           ? "jackinctl setup " + left.record.scope.arguments() + " --reuse " +
                                 shell_quoted(secrets::reference_of(item.source))
                           : undone.error().remedy;
  co_return co_await stuck(left, undone.error().message);
}

// A rotation that wrote the new token over the old one, where it stood: what stands there now decides.
asio::awaitable<Recovered> Recovery::recover_written_over(Left& left) {
  const auto source = old_source_of(left.detail);
  if (!source) co_return co_await stuck(left, "its place cannot be read");
  left.detail.remedy = "jackinctl doctor";
  auto* const store = keeper_of(parts_.stores, *source);
  if (store != nullptr && !left.detail.store.empty()) {
    // Also clears away what a write that was cut short has left aside.
    const auto found = co_await store->find_by_operation(left.record.id, left.detail.place_key, left.own);
    if (!found) co_return co_await stuck(left, found.error().message);
  }
  const secrets::ResolveContext context{left.own, false, true};
  const auto value = co_await parts_.sources.resolve(*source, context);
  const std::string name = secrets::describe(*source);
  if (!value && value.error().reason == Reason::source_gone) {
    co_return co_await end(left, Outcome::undone, name + " is gone, and with it what it may have stored there");
  }
  if (!value) co_return co_await stuck(left, "what stands in " + name + " cannot be seen: " + value.error().message);
  const auto fingerprint = value->digest().fingerprint();
  if (left.detail.fingerprint && fingerprint == *left.detail.fingerprint) {
    const auto recorded = co_await record_token(left);
    if (!recorded) co_return co_await stuck(left, recorded.error().message);
    co_return co_await end(left, Outcome::done, "its token was in place already");
  }
  const bool is_old = left.detail.old_fingerprint && fingerprint == *left.detail.old_fingerprint;
  if (is_old && store != nullptr) co_return co_await end_without_a_trace(left, *store);
  if (is_old || shape_of(value->view()) == TokenShape::whole) {
    co_return co_await end(left, Outcome::undone, "it had stored nothing");
  }
  left.detail.remedy = "jackinctl rotate " + left.record.scope.arguments();
  co_return co_await stuck(left, "what stands in " + name + " is no token any more");
}

// --- revoke ----------------------------------------------------------------------------------------------------------

asio::awaitable<Recovered> Recovery::recover_revocation(Left& left) {
  if (left.detail.slots_done) co_return co_await finish_old(left, "the token was taken away");
  const std::string& reference = left.detail.old_reference;
  bool has_begun = false;
  for (const Scope& scope : left.scopes()) {
    const auto layer = parts_.configuration.layer(scope);
    if (!layer && layer.error().reason != Reason::unknown_workspace) {
      co_return co_await stuck(left, "whether it has begun cannot be seen: " + layer.error().message);
    }
    has_begun = has_begun || !layer || reference_in(parts_.configuration, layer->keys) != reference;
  }
  if (!has_begun || reference.empty()) co_return co_await end(left, Outcome::undone, "it had changed nothing");
  const auto cleared = co_await clear_rest(left);
  if (!cleared) co_return co_await stuck(left, cleared.error().message);
  left.detail.slots_done = true;
  co_return co_await finish_old(left, "the token was taken away");
}

Task<> Recovery::clear_rest(Left& left) {
  for (const Scope& scope : left.scopes()) {
    auto layer = parts_.configuration.layer(scope);
    const bool has_it = layer && reference_in(parts_.configuration, layer->keys) == left.detail.old_reference;
    if (has_it) {
      config::SlotChange change{scope, config::AuthKeys::revoked(), layer->keys, std::nullopt};
      auto work = [&paths = parts_.paths, change = std::move(change)] { return config::write_slot(paths, change); };
      CO_TRY(co_await parts_.writers.run(std::move(work)));
    }
    // The scope may have another token by now.
    const auto known = parts_.health.token_of(scope);
    if (known && known->reference == left.detail.old_reference) {
      CO_TRY(co_await parts_.health.forget(scope));
    }
  }
  co_return Result<>();
}

// --- the end ---------------------------------------------------------------------------------------------------------

asio::awaitable<Recovered> Recovery::finish_old(Left& left, std::string message) {
  if (!left.detail.delete_old) co_return co_await end(left, Outcome::done, std::move(message));
  const auto source = old_source_of(left.detail);
  if (!source) co_return co_await stuck(left, message + ", and where the old one is cannot be read");
  auto kept = co_await still_used(parts_, *source, left.own);
  if (!kept) {
    const auto removal = left.detail.even_not_ours ? secrets::Removal::whatever_it_is : secrets::Removal::only_ours;
    kept = co_await delete_stored(parts_.stores, *source, removal, left.own);
  }
  if (!kept) co_return co_await end(left, Outcome::done, message + ", and the old one deleted");
  if (!kept->is_stuck) co_return co_await end(left, Outcome::done, message + "; " + kept->message);
  left.detail.place = left.detail.old_place;
  left.detail.remedy = kept->remedy;
  co_return co_await stuck(left, message + "; " + kept->message);
}

asio::awaitable<Recovered> Recovery::end(const Left& left, Outcome outcome, std::string message) {
  // When the disk refuses it, the next start comes to the same end.
  static_cast<void>(co_await journal_.end(left.record.id, outcome));
  co_return Recovered{left.record.id, left.record.kind, left.record.scope, outcome, std::move(message)};
}

asio::awaitable<Recovered> Recovery::stuck(Left& left, std::string message) {
  if (left.detail.remedy.empty() && !left.detail.place.empty()) {
    left.detail.remedy = "# when it is deleted there: " + left.detail.place;
  }
  left.detail.remedy = for_scope(with_command(std::move(left.detail.remedy), "jackinctl doctor"), left.record.scope);
  // The step stays the one that it was stuck in, so that each start tries the same again.
  static_cast<void>(co_await journal_.enter(left.record.id, left.record.step, left.detail));
  static_cast<void>(co_await journal_.end(left.record.id, Outcome::stuck));
  co_return Recovered{left.record.id, left.record.kind, left.record.scope, Outcome::stuck, std::move(message)};
}

}  // namespace jackin::lifecycle
