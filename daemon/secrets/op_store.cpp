// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_store.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/process/program_runner.hpp"
#include "daemon/secrets/op_field_edit.hpp"
#include "daemon/secrets/op_places.hpp"
#include "daemon/secrets/op_reference.hpp"
#include "daemon/secrets/op_rewrite.hpp"
#include "daemon/secrets/op_shape.hpp"
#include "daemon/secrets/op_target.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::secrets {
namespace {

// The reference's vault and item; nothing for a source that is not in 1Password, or cannot be read from there.
std::optional<OpReference> item_named_by(const CredentialSource& source) {
  const auto* const op = std::get_if<OpSource>(&source);
  if (op == nullptr) return std::nullopt;
  auto reference = parse_op_reference(op->reference);
  if (!reference) return std::nullopt;
  return *std::move(reference);
}

class OpStore final : public Store {
 public:
  OpStore(OpCli& op, Clock& clock, bool attended)
      : op_(op), clock_(clock), places_(op), fields_(op, clock), attended_(attended) {}

  SourceKind kind() const override { return SourceKind::op; }

  asio::awaitable<Availability> availability(const Environment& client) override;
  Task<Place> plan(const PlaceRequest& request, const Environment& client) override;
  Task<StoredItem> put(const Place& place, const Secret& token, const Environment& client) override;
  Task<Secret> read_back(const StoredItem& item, const Secret* expected, const Environment& client) override;
  Task<std::optional<StoredItem>> find_by_operation(const std::string& operation_id, const std::string& place_key,
                                                    const Environment& client) override;
  std::string changed_item(const std::string& place_key) const override;
  asio::awaitable<std::chrono::seconds> outlives_daemon(const Environment& client) override;
  Remedy finds(const std::string& operation_id, const std::string& place_key) const override;
  Task<bool> is_ours(const CredentialSource& source, const Environment& client) override;
  Task<bool> is_jackins(const CredentialSource& source, const Scope& scope, const Environment& client) override;
  bool holds(const CredentialSource& source) const override { return std::holds_alternative<OpSource>(source); }
  Task<CredentialSource> canonical(const CredentialSource& named, const Environment& client) override;
  Task<Place> plan_successor(const CredentialSource& current, const PlaceRequest& request,
                             const Environment& client) override;
  Task<std::vector<bool>> read_from(const CredentialSource& item, std::vector<CredentialSource> others,
                                    const Environment& client) override;
  Task<bool> remove(const CredentialSource& source, Removal removal, const Environment& client) override;
  Task<> put_back(const StoredItem& item, const std::string& place_key, const Environment& client) override;

 private:
  OpCaller caller(const Environment& client, std::string account, const Secret* token = nullptr) const {
    return {client, std::move(account), attended_, OpUse::store, {token}};
  }

  static Place place_of(const PlaceRequest& request, const OpTarget& target, bool replaces);
  StoredItem stored(const OpTarget& target, const std::string& item_id) const;
  Task<std::optional<OpItem>> find(const CredentialSource& source, const Environment& client);
  Task<StoredItem> make_item(const OpCaller& asking, const PlaceRequest& request, const OpTarget& target,
                             const Secret& token);
  Task<std::optional<std::string>> made_by(const OpCaller& asking, const std::string& operation_id,
                                           const OpTarget& target);

  OpCli& op_;
  Clock& clock_;
  OpPlaces places_;
  OpFieldEdit fields_;
  bool attended_;
  // Operations whose item may or may not have been created.
  std::set<std::string, std::less<>> uncertain_;
  // For each operation, the item that op reported as created, but whose place or contents are wrong.
  std::map<std::string, OpItem, std::less<>> misplaced_;
};

asio::awaitable<Availability> OpStore::availability(const Environment& client) {
  const OpCaller asking = caller(client, {});
  const auto version = co_await op_.version(asking);
  if (!version) co_return Availability{false, version.error().message, version.error().remedy};
  if (asking.is_service_account()) co_return Availability{true, {}, {}};
  const auto accounts = co_await op_.accounts(asking);
  if (!accounts) co_return Availability{false, accounts.error().message, accounts.error().remedy};
  if (!accounts->empty()) co_return Availability{true, {}, {}};
  co_return Availability{false, "1Password's command-line tool has no account",
                         Remedy::of(RemedyAction::add_op_account)
                             .noting("or turn on Settings > Developer > Integrate with 1Password CLI in the 1Password "
                                     "app")};
}

Task<Place> OpStore::plan(const PlaceRequest& request, const Environment& client) {
  OpCaller asking = caller(client, request.account);
  CO_TRY(co_await op_.version(asking));
  OpTarget target;
  CO_TRY(target.account, co_await places_.account(asking, request.account));
  asking.account = target.account;
  CO_TRY(auto vault, co_await places_.vault(asking, request.vault));
  target.vault_id = vault.id;
  target.vault_name = printable(vault.name);
  if (is_op_id(request.item_name)) {
    auto item = co_await op_.item(asking, target.vault_id, request.item_name);
    if (!item && item.error().reason == Reason::source_gone) {
      co_return failure(Reason::invalid_argument,
                        "no item " + request.item_name + " in the vault '" + target.vault_name + "'",
                        Remedy::list_op_items(target.vault_id));
    }
    if (!item) co_return failure(std::move(item).error());
    CO_TRY(target, target_in_item(*item, request, std::move(target)));
  } else {
    target = target_in_new_item(request, std::move(target));
  }
  const bool replaces = target.in_existing_item() && !target.new_field;
  co_return place_of(request, target, replaces);
}

Task<CredentialSource> OpStore::canonical(const CredentialSource& named, const Environment& client) {
  const auto* const source = std::get_if<OpSource>(&named);
  if (source == nullptr) co_return failure(Reason::invalid_argument, describe(named) + " is not in 1Password");
  const OpCaller asking = caller(client, source->account);
  CO_TRY(co_await op_.version(asking));
  CO_TRY(auto with_ids, co_await places_.with_ids(asking, *source));
  co_return CredentialSource(std::move(with_ids));
}

Task<Place> OpStore::plan_successor(const CredentialSource& current, const PlaceRequest& request,
                                    const Environment& client) {
  const auto* const source = std::get_if<OpSource>(&current);
  if (source == nullptr) co_return failure(Reason::invalid_argument, describe(current) + " is not in 1Password");
  CO_TRY(const auto reference, parse_op_reference(source->reference));
  OpCaller asking = caller(client, source->account);
  CO_TRY(co_await op_.version(asking));
  if (asking.account.empty()) {
    CO_TRY(asking.account, co_await places_.account(asking, {}));
  }
  OpTarget target;
  target.account = asking.account;
  asking.use = OpUse::source;
  auto place = co_await places_.item(asking, *source);
  std::optional<OpItem> item;
  if (place) {
    CO_TRY(item, co_await places_.item_if_there(asking, *place));
  } else if (place.error().reason != Reason::source_gone) {
    co_return failure(std::move(place).error());
  }
  if (item) {
    target.vault_id = item->vault_id;
    target.vault_name = printable(item->vault_name);
    CO_TRY(target, target_beside(*item, reference, request, std::move(target)));
  } else {
    asking.use = OpUse::store;
    CO_TRY(const auto vault, co_await places_.vault(asking, place ? place->vault_id : reference.vault));
    target.vault_id = vault.id;
    target.vault_name = printable(vault.name);
    target = target_like(source->path, request, std::move(target));
  }
  co_return place_of(request, target, target.in_existing_item());
}

Place OpStore::place_of(const PlaceRequest& request, const OpTarget& target, bool replaces) {
  return {request, to_key(target), "1Password  " + target.path(), replaces};
}

// An edit writes the whole item: two concurrent edits would undo each other.
std::string OpStore::changed_item(const std::string& place_key) const {
  const auto target = op_target_from(place_key);
  return target && target->in_existing_item() ? "op://" + target->vault_id + "/" + target->item_id : std::string();
}

// --- storing ---------------------------------------------------------------------------------------------------------

StoredItem OpStore::stored(const OpTarget& target, const std::string& item_id) const {
  return {OpSource{target.reference(item_id), target.path(), target.account}, "1Password  " + target.path(),
          !target.in_existing_item(), nullptr};
}

Task<StoredItem> OpStore::put(const Place& place, const Secret& token, const Environment& client) {
  CO_TRY(auto target, op_target_from(place.key));
  const OpCaller asking = caller(client, target.account, &token);
  if (target.in_existing_item()) {
    StoredItem item = stored(target, target.item_id);
    CO_TRY(item.overwritten, co_await fields_.write(asking, place.request.operation_id, target, token));
    co_return item;
  }
  co_return co_await make_item(asking, place.request, target, token);
}

Task<StoredItem> OpStore::make_item(const OpCaller& asking, const PlaceRequest& request, const OpTarget& target,
                                    const Secret& token) {
  const std::string& operation = request.operation_id;
  const Secret item_template = op_template(new_item(request, target, date_of(clock_.now())), token);
  for (int tried = 1;; ++tried) {
    if (uncertain_.contains(operation)) {
      CO_TRY(auto made, co_await made_by(asking, operation, target));
      if (made) {
        uncertain_.erase(operation);
        co_return stored(target, *made);
      }
    }
    uncertain_.insert(operation);
    auto item = co_await op_.create(asking, target.vault_id, item_template);
    if (item) {
      if (item->vault_id != target.vault_id || !item->has_tag(operation_tag(operation)) || !has_value(*item, target)) {
        misplaced_.insert_or_assign(operation, *item);
        co_return failure(lacks_token(item->id));
      }
      uncertain_.erase(operation);
      co_return stored(target, item->id);
    }
    const Reason reason = item.error().reason;
    // The item may exist nevertheless: op can fail after the change. The caller handles a time-out, since the search
    // could take as long again.
    if (reason == Reason::program_failed || reason == Reason::store_failed) {
      auto made = co_await made_by(asking, operation, target);
      if (made && *made) {
        uncertain_.erase(operation);
        co_return stored(target, **made);
      }
    }
    if (reason == Reason::program_missing || reason == Reason::unsupported) uncertain_.erase(operation);
    if (reason != Reason::busy || tried == OpFieldEdit::most_tries) {
      Error error = std::move(item).error();
      if (error.reason == Reason::busy) error.reason = Reason::store_unavailable;
      if (error.reason == Reason::program_failed) error.reason = Reason::store_failed;
      co_return failure(std::move(error));
    }
    if (!co_await clock_.wait(std::chrono::seconds(tried))) {
      co_return failure(Reason::cancelled, "creating an item in 1Password was cancelled");
    }
  }
}

Task<Secret> OpStore::read_back(const StoredItem& item, const Secret* expected, const Environment& client) {
  const auto* const source = std::get_if<OpSource>(&item.source);
  if (source == nullptr) co_return failure(Reason::invalid_argument, "this is not a place in 1Password");
  OpCaller asking = caller(client, source->account, expected);
  asking.use = OpUse::source;
  CO_TRY(auto value, co_await op_.read(asking, source->reference, true));
  co_return checked_secret(std::move(value), describe(item.source), Remedy::try_again());
}

// --- finding ---------------------------------------------------------------------------------------------------------

Task<std::optional<StoredItem>> OpStore::find_by_operation(const std::string& operation_id,
                                                           const std::string& place_key, const Environment& client) {
  CO_TRY(auto target, op_target_from(place_key));
  const OpCaller asking = caller(client, target.account);
  if (!target.in_existing_item()) {
    CO_TRY(auto made, co_await made_by(asking, operation_id, target));
    uncertain_.erase(operation_id);
    if (made) co_return stored(target, *made);
    const auto misplaced = misplaced_.find(operation_id);
    if (misplaced == misplaced_.end()) co_return std::optional<StoredItem>();
    const OpPlaces::Item elsewhere{misplaced->second.vault_id, misplaced->second.id};
    CO_TRY(const auto left, co_await places_.item_if_there(asking, elsewhere));
    if (!left || left->archived) {
      misplaced_.erase(operation_id);
      co_return std::optional<StoredItem>();
    }
    co_return failure(Reason::source_unreachable, "1Password's command-line tool created the item " +
                                                      printable(left->id) + ", but with other content than requested");
  }
  const OpPlaces::Item place{target.vault_id, target.item_id};
  CO_TRY(auto item, co_await places_.item_if_there(asking, place));
  if (!item || !has_value(*item, target)) co_return std::optional<StoredItem>();
  StoredItem found = stored(target, target.item_id);
  found.overwritten = fields_.overwritten_by(operation_id);
  co_return found;
}

// With the desktop app, op is setgid (group onepassword-cli). The kernel clears the parent-death signal of a setgid
// program (prctl(2), PR_SET_PDEATHSIG). macOS has no such signal.
asio::awaitable<std::chrono::seconds> OpStore::outlives_daemon(const Environment& client) {
#ifdef __linux__
  const auto found = co_await op_.program(client);
  const bool is_certain_to_end = found ? !found->is_set_id : found.error().reason == Reason::program_missing;
  if (is_certain_to_end) co_return std::chrono::seconds(0);
#else
  static_cast<void>(client);
#endif
  co_return OpCli::attended_limit;
}

Remedy OpStore::finds(const std::string& operation_id, const std::string& place_key) const {
  const auto target = op_target_from(place_key);
  if (!target) return {};
  if (target->in_existing_item()) return history_of(*target);
  if (const auto misplaced = misplaced_.find(operation_id); misplaced != misplaced_.end()) {
    const OpItem& item = misplaced->second;
    return Remedy::show_op_item(item.id, item.vault_id, target->account)
        .noting("it may hold the token: then delete it");
  }
  return Remedy::list_op_items(target->vault_id, operation_tag(operation_id), target->account)
      .noting("delete the items that it lists, if any");
}

// The ID of the item that the operation created. Deletes all duplicates but the first: they have the operation's own
// tag.
Task<std::optional<std::string>> OpStore::made_by(const OpCaller& asking, const std::string& operation_id,
                                                  const OpTarget& target) {
  CO_TRY(auto items, co_await op_.items(asking, target.vault_id, operation_tag(operation_id)));
  std::erase_if(items, [](const OpItem& item) { return !has_our_tags(item); });
  if (items.empty()) co_return std::optional<std::string>();
  for (std::size_t i = 1; i < items.size(); ++i) {
    CO_TRY(co_await op_.remove(asking, target.vault_id, items[i].id));
  }
  co_return std::optional(items.front().id);
}

// --- removing --------------------------------------------------------------------------------------------------------

// The item that the source names; nothing when it is gone.
Task<std::optional<OpItem>> OpStore::find(const CredentialSource& source, const Environment& client) {
  const auto* const op = std::get_if<OpSource>(&source);
  if (op == nullptr) co_return std::optional<OpItem>();
  OpCaller asking = caller(client, op->account);
  asking.use = OpUse::source;
  auto place = co_await places_.item(asking, *op);
  if (!place && place.error().reason == Reason::source_gone) co_return std::optional<OpItem>();
  if (!place) co_return failure(std::move(place).error());
  co_return co_await places_.item_if_there(asking, *place);
}

Task<bool> OpStore::is_ours(const CredentialSource& source, const Environment& client) {
  if (!holds(source)) co_return false;
  CO_TRY(const auto item, co_await find(source, client));
  co_return !item || has_our_tags(*item);
}

Task<bool> OpStore::is_jackins(const CredentialSource& source, const Scope& scope, const Environment& client) {
  CO_TRY(const auto item, co_await find(source, client));
  co_return item&& is_made_by_jackin_for(*item, scope);
}

Task<std::vector<bool>> OpStore::read_from(const CredentialSource& item, std::vector<CredentialSource> others,
                                           const Environment& client) {
  const std::vector<bool> none(others.size(), false);
  const auto* const op = std::get_if<OpSource>(&item);
  const auto own = op == nullptr ? std::nullopt : item_named_by(item);
  if (!own) co_return none;
  std::vector<std::optional<OpReference>> named;
  for (const CredentialSource& other : others) named.push_back(item_named_by(other));
  const auto is_by_name = [](const auto& reference) { return reference && !reference->is_by_ids(); };
  const bool any = std::any_of(named.begin(), named.end(), [](const auto& reference) { return reference.has_value(); });
  const bool texts_show_it = own->is_by_ids() && std::none_of(named.begin(), named.end(), is_by_name);
  OpItem known;
  known.vault_id = own->vault;
  known.id = own->item;
  if (any && !texts_show_it) {
    OpCaller asking = caller(client, op->account);
    asking.use = OpUse::source;
    auto place = co_await places_.item(asking, *op);
    if (!place && place.error().reason == Reason::source_gone) co_return none;
    if (!place) co_return failure(std::move(place).error());
    CO_TRY(auto found, co_await places_.item_if_there(asking, *place));
    if (!found) co_return none;
    known = *std::move(found);
  }
  std::vector<bool> answers;
  for (const auto& reference : named) answers.push_back(reference && may_name(*reference, known));
  co_return answers;
}

Task<bool> OpStore::remove(const CredentialSource& source, Removal removal, const Environment& client) {
  const auto* const op = std::get_if<OpSource>(&source);
  if (op == nullptr) co_return failure(Reason::not_ours, describe(source) + " is not in 1Password");
  OpCaller asking = caller(client, op->account);
  asking.use = OpUse::source;
  auto place = co_await places_.item(asking, *op);
  if (!place && place.error().reason == Reason::source_gone) co_return false;
  if (!place) co_return failure(std::move(place).error());
  CO_TRY(auto item, co_await places_.item_if_there(asking, *place));
  if (!item) co_return false;
  if (removal == Removal::only_ours && !has_our_tags(*item)) {
    co_return failure(Reason::not_ours, describe(source) + " was not created by jackind and is not deleted",
                      Remedy::delete_op_item(item->id, item->vault_id));
  }
  asking.use = OpUse::store;
  auto removed = co_await op_.remove(asking, place->vault_id, place->item_id);
  if (!removed && removed.error().reason != Reason::source_gone) co_return failure(std::move(removed).error());
  // op prints nothing when it deletes; before 2.32.1 it also printed nothing when the server refused.
  asking.use = OpUse::source;
  CO_TRY(auto left, co_await places_.item_if_there(asking, *place));
  if (left && !left->archived) {
    co_return failure(
        Reason::store_failed,
        "1Password's command-line tool reported the deletion of the item " + item->id + ", but it still exists",
        Remedy::delete_op_item(item->id, item->vault_id));
  }
  co_return removed.has_value();
}

Task<> OpStore::put_back(const StoredItem& item, const std::string& place_key, const Environment& client) {
  CO_TRY(auto target, op_target_from(place_key));
  if (!target.in_existing_item()) co_return Result<>();
  const OpCaller asking =
      caller(client, target.account, item.overwritten == nullptr ? nullptr : &item.overwritten->value);
  co_return co_await fields_.undo(asking, target, item.overwritten);
}

}  // namespace

std::unique_ptr<Store> op_store(OpCli& op, Clock& clock, bool attended) {
  return std::make_unique<OpStore>(op, clock, attended);
}

}  // namespace jackin::secrets
