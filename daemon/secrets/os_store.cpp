// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/os_store.hpp"

#include <charconv>
#include <map>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "common/remedy_command.hpp"
#include "common/untrusted_text.hpp"
#include "common/words.hpp"

namespace jackin::secrets {
namespace {

constexpr std::string_view our_service = "jackin";
constexpr std::size_t longest_scope = 200;

// A place as the journal stores it: whether the item is new, and its name in an encoding that any name has.
struct Target {
  OsStoreSource name;
  bool is_new = true;

  std::string key() const {
    return (is_new ? "new:" : "old:") + std::to_string(name.service.size()) + ":" + name.service + name.account;
  }
};

Result<Target> target_of(std::string_view key) {
  const auto refused = [] { return failure(Reason::invalid_argument, "this is not a place in the system's store"); };
  const bool is_new = key.starts_with("new:");
  if (!is_new && !key.starts_with("old:")) return refused();
  key.remove_prefix(4);
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), length);
  const auto digits = static_cast<std::size_t>(end - key.data());
  if (error != std::errc() || digits == key.size() || *end != ':' || key.size() - digits - 1 < length) return refused();
  key.remove_prefix(digits + 1);
  return Target{{std::string(key.substr(0, length)), std::string(key.substr(length))}, is_new};
}

std::string label_for(const PlaceRequest& request) {
  if (request.item_name.empty()) return "Claude token for " + printable(request.scope.str()) + " (jackind)";
  constexpr std::string_view mark = "{ws}";
  const std::string workspace = request.scope.is_global() ? "global" : request.scope.workspace_name();
  std::string label = request.item_name;
  for (auto at = label.find(mark); at != label.npos; at = label.find(mark, at + workspace.size())) {
    label.replace(at, mark.size(), workspace);
  }
  return printable(label);
}

std::string os_item_notes(const PlaceRequest& request) {
  std::string notes = "Created by jackind";
  if (!request.claude_version.empty()) notes += ", with claude " + printable(request.claude_version, 40);
  if (request.expires_on) notes += "; expires about " + format_date(*request.expires_on);
  return notes + ". To replace the token: " + command_line(Remedy::rotate(request.scope));
}

// For a caller that stores a token, a store that cannot be reached is unavailable.
Error as_store(Error error) {
  if (error.reason == Reason::source_unreachable) error.reason = Reason::store_unavailable;
  if (error.reason == Reason::source_denied) error.reason = Reason::store_failed;
  return error;
}

const TokensAtHand none_at_hand;

// Runs blocking work on `items` on the threads for it.
class Asking {
 public:
  Asking(OsItems& items, OsCalls& calls) : items_(items), calls_(calls) {}

  OsItems& items() const { return items_; }

  /// Calls `work` with the OsCall. `work`, `client` and `tokens` must exist until the Task has ended.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<const Work&, const OsCall&>> ask(CallLimit limit, const Environment& client,
                                                                        const Work& work,
                                                                        const TokensAtHand& tokens = none_at_hand) {
    auto blocking = [limit, &client, &work, &tokens](Interrupt& interrupt) {
      return work(OsCall{client, limit == CallLimit::attended, interrupt, tokens});
    };
    auto answer = co_await calls_.run(limit, blocking);
    if (!answer && answer.error().reason == Reason::timed_out) {
      answer.error().message = items_.name() + ": " + answer.error().message;
    }
    co_return answer;
  }

 private:
  OsItems& items_;
  OsCalls& calls_;
};

class OsStore final : public Store {
 public:
  OsStore(OsItems& items, OsCalls& calls, bool attended)
      : items_(items), asking_(items, calls), call_limit_(attended ? CallLimit::attended : CallLimit::unattended) {}

  SourceKind kind() const override { return items_.kind(); }

  asio::awaitable<Availability> availability(const Environment& client) override;
  Task<Place> plan(const PlaceRequest& request, const Environment& client) override;
  bool holds(const CredentialSource& source) const override { return std::holds_alternative<OsStoreSource>(source); }
  Task<CredentialSource> canonical(const CredentialSource& named, const Environment& client) override;
  Task<Place> plan_successor(const CredentialSource& current, const PlaceRequest& request,
                             const Environment& client) override;
  Task<StoredItem> put(const Place& place, const Secret& token, const Environment& client) override;
  Task<Secret> read_back(const StoredItem& item, const Secret* expected, const Environment& client) override;
  Task<std::optional<StoredItem>> find_by_operation(const std::string& operation_id, const std::string& place_key,
                                                    const Environment& client) override;
  Task<bool> is_ours(const CredentialSource& source, const Environment& client) override;
  Task<bool> remove(const CredentialSource& source, Removal removal, const Environment& client) override;
  Task<> put_back(const StoredItem& item, const std::string& place_key, const Environment& client) override;

 private:
  std::string display(const OsStoreSource& name) const {
    return items_.name() + "  " + printable(name.service) + "/" + printable(name.account);
  }
  Place place_of(const PlaceRequest& request, const Target& target) const {
    return Place{request, target.key(), display(target.name), !target.is_new};
  }
  StoredItem stored(const Target& target, std::shared_ptr<const Overwritten> overwritten) const {
    return {target.name, display(target.name), target.is_new, std::move(overwritten)};
  }

  Task<std::optional<OsItem>> find(const OsStoreSource& name, const Environment& client);
  Task<Place> plan_new(const PlaceRequest& request, const Environment& client);
  Task<StoredItem> put_new(const Place& place, const Target& target, const Secret& token, const Environment& client);
  Task<StoredItem> put_over(const Place& place, const Target& target, const Secret& token, const Environment& client);
  std::shared_ptr<const Overwritten> known_overwritten(const std::string& operation_id);

  OsItems& items_;
  Asking asking_;
  CallLimit call_limit_;
  // By operation: the value that a failed write may have overwritten.
  std::map<std::string, std::shared_ptr<const Overwritten>, std::less<>> overwritten_;
};

// --- planning --------------------------------------------------------------------------------------------------------

asio::awaitable<Availability> OsStore::availability(const Environment& client) {
  const auto check = [this](const OsCall& call) { return items_.is_usable(call); };
  const auto usable = co_await asking_.ask(CallLimit::brief, client, check);
  if (usable && *usable) co_return Availability{true, {}, {}};
  Availability not_now;
  if (usable) {
    not_now.message = "no " + name() + " runs; it is started when a user asks for it";
    not_now.remedy = Remedy::change_option(RequestOption::store, {std::string(word_of(kind()))});
    not_now.startable = true;
  } else {
    not_now.message = usable.error().message;
    not_now.remedy = usable.error().remedy;
    not_now.unclear = usable.error().reason == Reason::timed_out;
  }
  co_return not_now;
}

Task<Place> OsStore::plan(const PlaceRequest& request, const Environment& client) {
  if (!request.vault.empty() || !request.field.empty() || !request.section.empty() || !request.account.empty()) {
    co_return failure(
        Reason::invalid_argument,
        "the store '" + std::string(word_of(kind())) + "' has no vaults, fields, sections or accounts to choose",
        Remedy::drop_option(RequestOption::place));
  }
  co_return co_await plan_new(request, client);
}

Task<Place> OsStore::plan_new(const PlaceRequest& request, const Environment& client) {
  const auto unlock = [this](const OsCall& call) { return items_.unlock(call); };
  const auto unlocked = co_await asking_.ask(call_limit_, client, unlock);
  if (!unlocked) co_return failure(as_store(unlocked.error()));
  const std::string account = printable(request.scope.str(), longest_scope) + "-" + request.operation_id;
  const Target target{{std::string(our_service), account}, true};
  co_return place_of(request, target);
}

Task<CredentialSource> OsStore::canonical(const CredentialSource& named, const Environment& client) {
  const auto* const name = std::get_if<OsStoreSource>(&named);
  if (name == nullptr) co_return failure(Reason::invalid_argument, describe(named) + " is not in " + items_.name());
  auto found = co_await find(*name, client);
  if (!found && found.error().reason == Reason::source_invalid) found.error().reason = Reason::invalid_argument;
  if (!found) co_return failure(std::move(found).error());
  if (!*found) co_return failure(Reason::invalid_argument, "no item " + describe(named));
  co_return CredentialSource(*name);
}

Task<Place> OsStore::plan_successor(const CredentialSource& current, const PlaceRequest& request,
                                    const Environment& client) {
  const auto* const name = std::get_if<OsStoreSource>(&current);
  if (name == nullptr) co_return failure(Reason::invalid_argument, describe(current) + " is not in " + items_.name());
  CO_TRY(const auto found, co_await find(*name, client));
  const bool goes_over_it = found && !found->ours;
  if (!goes_over_it) co_return co_await plan_new(request, client);
  // Checks before the user consents that the item can be overwritten: it must be readable.
  const auto read = [this, name](const OsCall& call) { return items_.read(call, *name); };
  CO_TRY(const auto value, co_await asking_.ask(call_limit_, client, read));
  const Target target{*name, false};
  co_return place_of(request, target);
}

// --- storing ---------------------------------------------------------------------------------------------------------

Task<StoredItem> OsStore::put(const Place& place, const Secret& token, const Environment& client) {
  CO_TRY(const auto target, target_of(place.key));
  Result<StoredItem> put;
  if (target.is_new) {
    put = co_await put_new(place, target, token, client);
  } else {
    put = co_await put_over(place, target, token, client);
  }
  if (!put) co_return failure(as_store(std::move(put).error()));
  co_return put;
}

Task<StoredItem> OsStore::put_new(const Place& place, const Target& target, const Secret& token,
                                  const Environment& client) {
  const PlaceRequest& request = place.request;
  const NewOsItem item{target.name, label_for(request), os_item_notes(request), printable(request.scope.str()),
                       request.operation_id};
  const auto add = [this, &item, &token](const OsCall& call) { return items_.add(call, item, token); };
  const TokensAtHand tokens{&token};
  CO_TRY(co_await asking_.ask(call_limit_, client, add, tokens));
  co_return stored(target, nullptr);
}

Task<StoredItem> OsStore::put_over(const Place& place, const Target& target, const Secret& token,
                                   const Environment& client) {
  const auto read = [this, &target](const OsCall& call) { return items_.read(call, target.name); };
  auto old = co_await asking_.ask(call_limit_, client, read);
  if (!old && old.error().reason == Reason::source_gone) {
    co_return failure(Reason::store_failed, old.error().message, Remedy::try_again());
  }
  if (!old) co_return failure(std::move(old).error());
  Overwritten before{std::move(*old), token.digest()};
  const auto overwritten = std::make_shared<const Overwritten>(std::move(before));
  overwritten_.insert_or_assign(place.request.operation_id, overwritten);
  const auto replace = [this, &target, &token](const OsCall& call) { return items_.replace(call, target.name, token); };
  const TokensAtHand tokens{&token, &overwritten->value};
  CO_TRY(co_await asking_.ask(call_limit_, client, replace, tokens));
  overwritten_.erase(place.request.operation_id);
  co_return stored(target, overwritten);
}

Task<Secret> OsStore::read_back(const StoredItem& item, const Secret* expected, const Environment& client) {
  const auto& name = std::get<OsStoreSource>(item.source);
  const auto read = [this, &name](const OsCall& call) { return items_.read(call, name); };
  const TokensAtHand tokens{expected};
  co_return co_await asking_.ask(call_limit_, client, read, tokens);
}

// --- finding and removing --------------------------------------------------------------------------------------------

Task<std::optional<OsItem>> OsStore::find(const OsStoreSource& name, const Environment& client) {
  const auto find = [this, &name](const OsCall& call) { return items_.find(call, name); };
  co_return co_await asking_.ask(call_limit_, client, find);
}

std::shared_ptr<const Overwritten> OsStore::known_overwritten(const std::string& operation_id) {
  const auto known = overwritten_.find(operation_id);
  return known == overwritten_.end() ? nullptr : known->second;
}

Task<std::optional<StoredItem>> OsStore::find_by_operation(const std::string& operation_id,
                                                           const std::string& place_key, const Environment& client) {
  CO_TRY(const auto target, target_of(place_key));
  if (target.is_new) {
    const auto search = [this, &operation_id](const OsCall& call) { return items_.was_made_by(call, operation_id); };
    CO_TRY(const bool was_made, co_await asking_.ask(call_limit_, client, search));
    if (!was_made) co_return std::optional<StoredItem>();
    co_return stored(target, nullptr);
  }
  CO_TRY(const auto found, co_await find(target.name, client));
  auto overwritten = known_overwritten(operation_id);
  if (!found) co_return std::optional<StoredItem>();
  co_return stored(target, std::move(overwritten));
}

Task<bool> OsStore::is_ours(const CredentialSource& source, const Environment& client) {
  const auto* const name = std::get_if<OsStoreSource>(&source);
  if (name == nullptr) co_return false;
  CO_TRY(const auto found, co_await find(*name, client));
  co_return !found || found->ours;
}

Task<bool> OsStore::remove(const CredentialSource& source, Removal removal, const Environment& client) {
  const auto* const name = std::get_if<OsStoreSource>(&source);
  if (name == nullptr) co_return failure(Reason::not_ours, describe(source) + " is not in " + items_.name());
  CO_TRY(const auto found, co_await find(*name, client));
  if (!found) co_return false;
  if (removal == Removal::only_ours && !found->ours) {
    co_return failure(Reason::not_ours, describe(source) + " was not created by jackind and is not deleted");
  }
  const auto remove_item = [this, name](const OsCall& call) { return items_.remove(call, *name); };
  co_return co_await asking_.ask(call_limit_, client, remove_item);
}

// --- putting back ----------------------------------------------------------------------------------------------------

Task<> OsStore::put_back(const StoredItem& item, const std::string& place_key, const Environment& client) {
  CO_TRY(const auto target, target_of(place_key));
  if (target.is_new) co_return Result<>();
  const std::string name = describe(target.name);
  if (!item.overwritten) {
    co_return failure(Reason::not_ours, "the earlier content of " + name + " is no longer known to jackind",
                      Remedy::try_again("after you store another copy of the token there"));
  }
  const auto read = [this, &target](const OsCall& call) { return items_.read(call, target.name); };
  const auto now = co_await asking_.ask(call_limit_, client, read);
  const bool gone = !now && now.error().reason == Reason::source_gone;
  if (!now && !gone) co_return failure(now.error());
  const Overwritten& overwritten = *item.overwritten;
  if (now && now->same_as(overwritten.value)) co_return Result<>();
  if (gone || !(now->digest() == overwritten.put)) {
    co_return failure(Reason::not_ours, name + " was changed by another program and is kept");
  }
  const auto replace = [this, &target, &overwritten](const OsCall& call) {
    return items_.replace(call, target.name, overwritten.value);
  };
  const TokensAtHand tokens{&overwritten.value};
  CO_TRY(co_await asking_.ask(call_limit_, client, replace, tokens));
  // Kept until here: a failure is retried.
  std::erase_if(overwritten_, [&](const auto& known) { return known.second == item.overwritten; });
  co_return Result<>();
}

// --- reading ---------------------------------------------------------------------------------------------------------

class OsResolver final : public SourceResolver {
 public:
  OsResolver(OsItems& items, OsCalls& calls) : asking_(items, calls) {}

  bool serves(const CredentialSource& source) const override { return std::holds_alternative<OsStoreSource>(source); }

  bool may_prompt(const CredentialSource&) const override { return !asking_.items().is_known_open(); }

  Task<Inputs> inputs(const CredentialSource&, const ResolveContext& context) override {
    co_return inputs_of({}, asking_.items().deciding(context.client));
  }

  Task<Secret> resolve(const CredentialSource& source, const ResolveContext& context) override {
    const auto& name = std::get<OsStoreSource>(source);
    const auto read = [this, &name](const OsCall& call) { return asking_.items().read(call, name); };
    auto value =
        co_await asking_.ask(context.attended ? CallLimit::attended : CallLimit::unattended, context.client, read);
    if (!value) {
      Error error = std::move(value).error();
      if (error.reason == Reason::store_failed) error.reason = Reason::source_unreachable;
      if (error.reason == Reason::invalid_argument) error.reason = Reason::source_invalid;
      co_return failure(std::move(error));
    }
    co_return checked_secret(std::move(*value), describe(source),
                             Remedy::of(RemedyAction::rotate).noting("or put only the token into the item"));
  }

 private:
  Asking asking_;
};

}  // namespace

std::unique_ptr<Store> os_store(OsItems& items, OsCalls& calls, bool attended) {
  return std::make_unique<OsStore>(items, calls, attended);
}

std::unique_ptr<SourceResolver> os_resolver(OsItems& items, OsCalls& calls) {
  return std::make_unique<OsResolver>(items, calls);
}

}  // namespace jackin::secrets
