// SPDX-License-Identifier: Apache-2.0
#include "daemon/lifecycle/relocation.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <system_error>
#include <utility>
#include <variant>

#include "common/os/private_files.hpp"
#include "common/paths.hpp"
#include "common/remedy.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/writer.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/lifecycle/usage.hpp"
#include "daemon/secrets/file_store.hpp"
#include "daemon/state/database.hpp"

namespace jackin::lifecycle {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t size_limit = 64 * 1024;

// Copies the old file to the new place without overwriting, and returns the token's fingerprint. Accepts an identical
// copy of an interrupted run.
Result<Fingerprint> copy_token(const fs::path& from, const fs::path& to) {
  TRY(os::remove_abandoned_writes(to));
  const auto old = os::read_private_file(from, size_limit);
  if (!old && old.error().reason != Reason::source_gone) return failure(old.error());
  auto copy = os::read_private_file(to, size_limit);
  if (!copy && old && copy.error().reason == Reason::source_gone) {
    TRY(os::make_private_folder(to.parent_path()));
    TRY(os::write_private_file(to, old->view(), false));
    copy = os::read_private_file(to, size_limit);
  }
  if (!copy) return failure(copy.error());
  if (old && !copy->same_as(*old)) {
    return failure(Reason::read_back_mismatch, "'" + to.string() + "' differs from '" + from.string() + "'", {});
  }
  return copy->digest().fingerprint();
}

// Deletes the folder with its last file; a folder with other content stays.
Result<bool> remove_old(const fs::path& from, const fs::path& to) {
  const auto old = os::read_private_file(from, size_limit);
  if (!old && old.error().reason == Reason::source_gone) return false;
  if (!old) return failure(old.error());
  TRY(const Secret copy, os::read_private_file(to, size_limit));
  if (!copy.same_as(*old)) {
    return failure(Reason::read_back_mismatch,
                   "'" + from.string() + "' changed while its token was moved; jackind kept it", {});
  }
  TRY(os::remove_file(from));
  std::error_code is_not_empty;
  fs::remove(from.parent_path(), is_not_empty);
  return true;
}

}  // namespace

struct Relocation::Move {
  std::string id;
  Scope scope;
  state::JournalDetail detail;
  bool is_begun = false;
  fs::path from;
  fs::path to;
  secrets::FileSource old_source;
  secrets::FileSource source;
};

Relocation::Relocation(Dependencies& deps)
    : deps_(deps), journal_(deps.database, deps.pool, deps.clock, deps.paths.config_dir) {}

Task<std::vector<Recovered>> Relocation::run() {
  std::vector<Recovered> all;
  std::set<std::string> known;
  const auto attempt = [&](Move move) -> asio::awaitable<void> {
    auto recovered = co_await perform(std::move(move));
    if (recovered) all.push_back(*std::move(recovered));
  };
  CO_TRY(const auto records, co_await journal_.unfinished());
  for (const auto& record : records) {
    if (record.kind != OperationKind::relocate) continue;
    auto detail = state::journal_detail_from(record.detail);
    Result<bool> is_ours = true;
    if (detail) is_ours = co_await is_of_configuration(deps_.named_files, deps_.paths.config_dir, *detail);
    if (!is_ours) {
      // Leaves the entry as it is for a later run, which must not begin a second one.
      known.insert(detail->old_reference);
      all.push_back({record.id, record.kind, record.scope, Outcome::stuck, is_ours.error().message});
      continue;
    }
    if (!*is_ours) continue;
    if (!detail || detail->old_reference.empty()) {
      // It had not announced any action yet.
      CO_TRY(co_await journal_.end(record.id, Outcome::undone));
      continue;
    }
    known.insert(detail->old_reference);
    Move move{record.id, record.scope, *std::move(detail), true, {}, {}, {}, {}};
    co_await attempt(std::move(move));
  }
  const auto found = co_await misplaced();
  for (const auto& [reference, scope] : found) {
    if (known.contains(reference)) continue;
    state::JournalDetail detail;
    detail.store = SourceKind::file;
    detail.old_reference = reference;
    Move move{new_operation_id(), scope, std::move(detail), false, {}, {}, {}, {}};
    co_await attempt(std::move(move));
  }
  co_return all;
}

asio::awaitable<Relocation::Misplaced> Relocation::misplaced() {
  Misplaced found;
  const auto visit_scope = [&](const config::ScopeEntry& entry) {
    const auto layer = deps_.configuration.last_read().layer(entry.scope);
    if (!layer) return;
    for (const auto& source : layer->keys.sources()) {
      const auto* const file = std::get_if<secrets::FileSource>(&source);
      if (file == nullptr) continue;
      const fs::path path = expand_home(file->path, deps_.paths.home).lexically_normal();
      if (path.parent_path() != deps_.paths.earlier_tokens_dir()) continue;
      if (!secrets::is_token_file_name(path.filename().string())) continue;
      found.emplace(deps_.configuration.reference_of(source), entry.scope);
    }
  };
  const auto visit = [this, &visit_scope](const std::string& name) {
    for (const auto& entry : deps_.configuration.last_read().scopes_of(name)) visit_scope(entry);
  };
  const std::function<void(const std::string&)> each = visit;
  co_await config::each_workspace(deps_.configuration, each);
  co_return found;
}

asio::awaitable<std::optional<Recovered>> Relocation::perform(Move move) {
  const auto old = secrets::parse_reference(move.detail.old_reference);
  if (!old || !std::holds_alternative<secrets::FileSource>(*old)) co_return std::nullopt;
  move.old_source = std::get<secrets::FileSource>(*old);
  move.from = expand_home(move.old_source.path, deps_.paths.home).lexically_normal();
  move.to = deps_.paths.tokens_dir() / move.from.filename();
  move.source = {abbreviate_home(move.to, deps_.paths.home)};
  move.detail.reference = secrets::reference_of(move.source);
  move.detail.place_key = move.to.string();
  move.detail.place = move.detail.old_place = secrets::describe(move.old_source);
  move.detail.remedy = {};
  auto lease = deps_.operations.begin(new_operation_id(), OperationKind::relocate, move.scope, deps_.clock.now(), {});
  if (!lease) co_return std::nullopt;
  lease->go_on_as(move.id);
  for (const std::string& reference : {move.detail.old_reference, move.detail.reference}) {
    if (!lease->hold_item(reference)) co_return std::nullopt;
    const auto users = co_await users_of(deps_, reference);
    for (const Scope& scope : users.scopes) {
      if (!lease->hold_scope(scope)) co_return std::nullopt;
    }
  }
  if (!move.is_begun) {
    const bool is_there = co_await deps_.pool.run([&move] {
      std::error_code error;
      return fs::exists(move.from, error) || error || fs::exists(move.to, error);
    });
    // doctor reports a slot that names a missing file.
    if (!is_there) co_return std::nullopt;
    const auto begun = co_await journal_.begin(move.id, OperationKind::relocate, move.scope);
    if (!begun) co_return std::nullopt;
  }
  const auto moved = co_await steps(move, *lease);
  Recovered result{move.id, OperationKind::relocate, move.scope, Outcome::done, {}};
  if (moved || moved.error().reason == Reason::source_gone) {
    result.outcome = moved ? Outcome::done : Outcome::undone;
    result.message = moved ? "its token was moved to " + move.to.string() : moved.error().message;
    static_cast<void>(co_await journal_.end(move.id, result.outcome));
    lease->set_result({result.outcome, std::nullopt, std::nullopt, deps_.clock.now()});
    co_return result;
  }
  result.outcome = Outcome::stuck;
  result.message = moved.error().message;
  Remedy remedy = moved.error().remedy.empty() ? Remedy::check() : moved.error().remedy;
  move.detail.remedy = for_scope(or_check(std::move(remedy)), move.scope);
  static_cast<void>(co_await journal_.enter(move.id, Step::stuck, move.detail));
  static_cast<void>(co_await journal_.end(move.id, Outcome::stuck));
  lease->set_result({Outcome::stuck, std::nullopt, moved.error(), deps_.clock.now()});
  co_return result;
}

Task<> Relocation::steps(Move& move, Operations::Lease& lease) {
  CO_TRY(co_await enter(move, lease, Step::copy));
  CO_TRY(co_await copy(move));
  const auto written = co_await write_slots(move, lease);
  // Records the slots that were written, even if others failed.
  CO_TRY(co_await record(move));
  CO_TRY(written);
  const Users users = co_await users_everywhere(deps_, move.detail.reference);
  if (!users.any() && !users.may_be_more()) co_return co_await drop_copy(move);
  CO_TRY(co_await enter(move, lease, Step::delete_old));
  co_return co_await retire_old(move);
}

Task<> Relocation::enter(Move& move, Operations::Lease& lease, Step step) {
  lease.enter(step);
  co_return co_await journal_.enter(move.id, step, move.detail);
}

Task<> Relocation::copy(Move& move) {
  const auto copied = co_await deps_.pool.run([&move] { return copy_token(move.from, move.to); });
  if (!copied) co_return failure(copied.error());
  move.detail.fingerprint = *copied;
  co_return Result<>();
}

Task<> Relocation::write_slots(Move& move, Operations::Lease& lease) {
  CO_TRY(co_await enter(move, lease, Step::write_config));
  lease.mark_captured();
  Result<> outcome;
  const auto users = co_await users_of(deps_, move.detail.old_reference);
  for (const Scope& scope : users.scopes) {
    const auto layer = co_await deps_.configuration.layer(scope);
    if (!layer) continue;
    // Changes nothing else of the layer.
    config::AuthKeys wanted = layer->keys;
    const auto is_old = [&](const secrets::CredentialSource& source) {
      return deps_.configuration.reference_of(source) == move.detail.old_reference;
    };
    if (wanted.slot && is_old(*wanted.slot)) wanted.slot = move.source;
    if (wanted.env_entry && is_old(wanted.env_entry->source)) wanted.env_entry->source = move.source;
    if (wanted.env_entry && wanted.env_entry->external && is_old(*wanted.env_entry->external)) {
      wanted.env_entry->external = move.source;
    }
    if (wanted == layer->keys) continue;
    config::SlotChange change{scope, std::move(wanted), layer->keys, std::nullopt};
    auto work = [&paths = deps_.paths, change = std::move(change)] { return config::write_slot(paths, change); };
    const auto written = co_await deps_.writers.run(std::move(work));
    if (!written && outcome) outcome = failure(written.error());
  }
  co_return outcome;
}

Task<> Relocation::record(Move& move) {
  state::RelocatedSource moved;
  moved.operation = move.id;
  moved.old_reference = move.detail.old_reference;
  moved.reference = move.detail.reference;
  moved.old_place_key = move.from.string();
  moved.place_key = move.to.string();
  // Matches jackind's spelling and the absolute path.
  for (const std::string& spelling : {move.old_source.path, move.from.string()}) {
    const secrets::CredentialSource source = secrets::FileSource{spelling};
    moved.old_slot_keys.push_back(config::content_key(AuthMode::oauth_token, &source, {}));
  }
  const secrets::CredentialSource source = move.source;
  moved.slot_key = config::content_key(AuthMode::oauth_token, &source, {});
  const auto visit = [this, &moved](const std::string& name) {
    for (const auto& [scope, auth] : deps_.configuration.last_read().auths_of(name)) {
      if (auth && auth->key == moved.slot_key) moved.scopes.push_back(scope);
    }
  };
  const std::function<void(const std::string&)> each = visit;
  CO_TRY(co_await config::each_workspace(deps_.configuration, each));
  auto work = [&database = deps_.database, moved = std::move(moved)] { return database.relocate(moved); };
  CO_TRY(co_await deps_.pool.run(std::move(work)));
  co_return co_await deps_.health.load();
}

// No configuration names either file. The old file stays, as after a manual removal of a token.
Task<> Relocation::drop_copy(Move& move) {
  const auto dropped = co_await deps_.pool.run([&move] { return remove_old(move.to, move.from); });
  if (!dropped) co_return failure(dropped.error());
  co_return failure(Reason::source_gone, "no configuration names " + secrets::describe(move.old_source) + " any more");
}

Task<> Relocation::retire_old(Move& move) {
  const Environment nobody;
  secrets::CredentialSource old = move.old_source;
  const auto kept = co_await still_used(deps_, std::move(old), nobody);
  if (kept) co_return failure(Reason::store_failed, kept->message, kept->remedy);
  const auto removed = co_await deps_.pool.run([&move] { return remove_old(move.from, move.to); });
  if (!removed) co_return failure(removed.error());
  co_return Result<>();
}

}  // namespace jackin::lifecycle
