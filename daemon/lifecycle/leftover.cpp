// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/leftover.hpp"

#include <variant>

#include "common/scope.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/lifecycle/remaining_items.hpp"
#include "daemon/lifecycle/usage.hpp"

namespace jackin::lifecycle {
namespace {

// The shell expands a tilde only outside quotes.
std::string path_for_shell(const std::string& path) {
  if (path.starts_with("~/")) return "~/" + shell_quoted(path.substr(2));
  return shell_quoted(path);
}

std::string without_field(const std::string& reference) {
  // op://<vault>/<item>/…
  const auto vault = reference.find('/', std::string("op://").size());
  const auto item = vault == reference.npos ? reference.npos : reference.find('/', vault + 1);
  return reference.substr(0, item);
}

}  // namespace

std::string mending_command(const secrets::CredentialSource& source) {
  if (const auto* file = std::get_if<secrets::FileSource>(&source)) return "rm " + path_for_shell(file->path);
  if (const auto* os = std::get_if<secrets::OsStoreSource>(&source)) {
#ifdef __APPLE__
    return "security delete-generic-password -s " + shell_quoted(os->service) + " -a " + shell_quoted(os->account);
#else
    return "secret-tool clear service " + shell_quoted(os->service) + " account " + shell_quoted(os->account);
#endif
  }
  if (const auto* op = std::get_if<secrets::OpSource>(&source)) {
    const std::string place = without_field(op->reference).substr(std::string("op://").size());
    const auto slash = place.find('/');
    std::string command = "op item delete " + shell_quoted(slash == place.npos ? place : place.substr(slash + 1));
    if (slash != place.npos) command += " --vault " + shell_quoted(place.substr(0, slash));
    if (!op->account.empty()) command += " --account " + shell_quoted(op->account);
    return command;
  }
  return "# when it is deleted where it is kept: " + secrets::describe(source);
}

std::string configure_command(const Scope& scope, const state::JournalDetail& detail) {
  std::string command;
  // setup refuses a slot that already has a token.
  if (!detail.old_reference.empty()) command = "jackinctl revoke " + scope.arguments() + " && ";
  command += "jackinctl setup " + scope.arguments();
  if (!detail.workdir.empty()) command += " --create --workdir " + shell_quoted(detail.workdir);
  command += " --reuse " + shell_quoted(detail.reference);
  if (!detail.account.empty()) command += " --op-account " + shell_quoted(detail.account);
  return command;
}

asio::awaitable<bool> is_of_this_configuration(Dependencies& deps, state::JournalDetail detail) {
  std::string key = detail.config_folder;
  auto compare = [detail = std::move(detail), folder = deps.paths.config_dir]() -> Result<bool> {
    return state::is_about(detail, folder);
  };
  const auto is_ours =
      co_await deps.named_files.run_uncancelled(std::move(key), async::TimedCalls::limit, std::move(compare));
  if (!is_ours) co_return false;
  co_return *is_ours;
}

Task<> take_out(secrets::Store& store, const secrets::StoredItem& item, const std::string& place_key,
                const Environment& client) {
  Result<> undone;
  if (item.created) {
    const auto removed = co_await store.remove(item.source, secrets::Removal::only_ours, client);
    if (!removed) undone = failure(removed.error());
  } else {
    undone = co_await store.put_back(item, place_key, client);
  }
  if (!undone && (undone.error().remedy.empty() || item.created)) undone.error().remedy = mending_command(item.source);
  co_return undone;
}

asio::awaitable<std::optional<Kept>> still_used(Dependencies& deps, secrets::CredentialSource source,
                                                const Environment& client) {
  const std::string stays = "kept " + secrets::describe(source) + ": ";
  const auto users = co_await users_of_item(deps, source, client);
  if (!users) co_return Kept{true, stays + users.error().message, users.error().remedy};
  if (users->any()) {
    co_return Kept{false, stays + known_users(*users) + (is_one(*users) ? " uses it" : " use it"),
                   rotates_user(*users)};
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
  if (store == nullptr) co_return Kept{true, name + " cannot be deleted from here", mending_command(source)};
  const auto removed = co_await store->remove(source, removal, client);
  if (removed) {
    co_await forget_remaining(deps, source);
    co_return std::nullopt;
  }
  const Error& error = removed.error();
  if (error.reason == Reason::not_ours) {
    co_return Kept{false, "kept " + name + ": jackind did not create it", error.remedy};
  }
  co_return Kept{true, name + " could not be deleted: " + error.message, mending_command(source)};
}

}  // namespace jackin::lifecycle
