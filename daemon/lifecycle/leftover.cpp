// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/leftover.hpp"

#include <utility>
#include <variant>

#include "common/untrusted_text.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/slots_writer.hpp"
#include "daemon/lifecycle/remaining_items.hpp"
#include "daemon/lifecycle/usage.hpp"

namespace jackin::lifecycle {
namespace {

std::string without_field(const std::string& reference) {
  // op://<vault>/<item>/…
  const auto vault = reference.find('/', std::string("op://").size());
  const auto item = vault == reference.npos ? reference.npos : reference.find('/', vault + 1);
  return reference.substr(0, item);
}

}  // namespace

Remedy deletion_of(const secrets::CredentialSource& source) {
  if (const auto* file = std::get_if<secrets::FileSource>(&source)) {
    return Remedy::of_path(RemedyAction::remove_file, file->path);
  }
  if (const auto* os = std::get_if<secrets::OsStoreSource>(&source)) {
#ifdef __APPLE__
    constexpr auto action = RemedyAction::delete_keychain_item;
#else
    constexpr auto action = RemedyAction::delete_secret;
#endif
    return Remedy::of_secret(action, os->service, os->account);
  }
  if (const auto* op = std::get_if<secrets::OpSource>(&source)) {
    const std::string place = without_field(op->reference).substr(std::string("op://").size());
    const auto slash = place.find('/');
    if (slash == place.npos) return Remedy::delete_op_item(place, {}, op->account);
    return Remedy::delete_op_item(place.substr(slash + 1), place.substr(0, slash), op->account);
  }
  return Remedy::try_again("after you delete it in: " + secrets::describe(source));
}

Remedy configuration_of(const Scope& scope, const state::JournalDetail& detail) {
  // A setup refuses a slot that already has a token.
  Remedy remedy =
      Remedy::of(detail.old_reference.empty() ? RemedyAction::reuse_token : RemedyAction::replace_token, scope);
  remedy.workdir = detail.workdir;
  remedy.reference = detail.reference;
  remedy.account = detail.account;
  return remedy;
}

Task<bool> is_of_configuration(async::TimedCalls& folders, std::filesystem::path config_dir,
                               state::JournalDetail detail) {
  if (state::names_folder(detail, config_dir)) co_return true;
  std::string key = detail.config_folder;
  auto compare = [detail, config_dir]() -> Result<bool> { return state::is_about(detail, config_dir); };
  auto is_same = co_await folders.run_uncancelled(std::move(key), async::TimedCalls::limit, std::move(compare));
  if (is_same) co_return is_same;
  Error error = std::move(is_same).error();
  const std::string folder = printable(detail.config_folder);
  error.message = "cannot tell whether it belongs to this configuration, because " + folder +
                  (error.reason == Reason::timed_out ? " does not answer" : " cannot be read: " + error.message);
  error.remedy = Remedy::check().noting("when " + folder + " answers again");
  co_return failure(std::move(error));
}

Task<> undo_storing(secrets::Store& store, const secrets::StoredItem& item, const std::string& place_key,
                    const Environment& client) {
  Result<> undone;
  if (item.created) {
    const auto removed = co_await store.remove(item.source, secrets::Removal::only_ours, client);
    if (!removed) undone = failure(removed.error());
  } else {
    undone = co_await store.put_back(item, place_key, client);
  }
  if (!undone && (undone.error().remedy.empty() || item.created)) undone.error().remedy = deletion_of(item.source);
  co_return undone;
}

Task<> remove_left_slots(Dependencies& deps, const state::JournalDetail& detail) {
  std::vector<std::string> references;
  for (const std::string& reference : {detail.reference, detail.old_reference}) {
    if (!reference.empty()) references.push_back(reference);
  }
  if (references.empty()) co_return Result<>();
  auto work = [&paths = deps.paths, references = std::move(references)] {
    return config::remove_left_slots(paths, references);
  };
  co_return co_await deps.writers.run(std::move(work));
}

asio::awaitable<std::optional<Kept>> still_used(Dependencies& deps, secrets::CredentialSource source,
                                                const Environment& client) {
  const std::string stays = "kept " + secrets::describe(source) + ": ";
  const auto users = co_await users_of_item(deps, source, client);
  if (!users) co_return Kept{true, stays + users.error().message, users.error().remedy};
  if (users->any()) {
    co_return Kept{false, stays + known_users(*users) + (is_one(*users) ? " uses it" : " use it"),
                   rotation_of_first(*users)};
  }
  if (users->may_be_more()) {
    co_return Kept{true, stays + unknown_users(*users) + " cannot be read and might still use it",
                   why_unknown(deps.configuration, *users)};
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<Kept>> delete_stored(Dependencies& deps, secrets::CredentialSource source,
                                                   secrets::Removal removal, const Environment& client) {
  const std::string name = secrets::describe(source);
  auto* const store = store_for(deps.stores, source);
  if (store == nullptr) co_return Kept{true, name + " cannot be deleted from here", deletion_of(source)};
  const auto removed = co_await store->remove(source, removal, client);
  if (removed) {
    co_await forget_remaining(deps, source);
    co_return std::nullopt;
  }
  const Error& error = removed.error();
  if (error.reason == Reason::not_ours) {
    co_return Kept{false, "kept " + name + ": jackind did not create it", error.remedy};
  }
  co_return Kept{true, name + " could not be deleted: " + error.message, deletion_of(source)};
}

}  // namespace jackin::lifecycle
