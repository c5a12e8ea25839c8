// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/components/fake_store.hpp"

#include "common/claude.hpp"

namespace jackin::test {
namespace {

secrets::CredentialSource source_of(SourceKind kind, const std::string& name) {
  if (kind == SourceKind::op) return secrets::OpSource{"op://vault/" + name + "/credential", "Fake/" + name, {}};
  if (kind == SourceKind::file) return secrets::FileSource{"/fake/" + name};
  return secrets::OsStoreSource{"jackin", name};
}

Error gone() {
  return {Reason::source_gone, "there is no such item", {}};
}

}  // namespace

std::string token_like(char seed) {
  std::string token(token_prefix);
  while (token.size() < token_length - token_suffix.size()) token += seed;
  return token + std::string(token_suffix);
}

secrets::StoredItem FakeStore::item_at(const std::string& name) const {
  secrets::StoredItem item;
  item.source = source_of(kind_, name);
  item.display = this->name() + "  " + name;
  item.created = !into_existing && !is_foreign(name);
  return item;
}

bool FakeStore::is_foreign(const std::string& name) const {
  const auto found = items_.find(secrets::reference_of(source_of(kind_, name)));
  return found != items_.end() && !found->second.ours;
}

secrets::CredentialSource FakeStore::keep(const std::string& name, std::string_view token, bool ours) {
  auto source = source_of(kind_, name);
  items_.insert_or_assign(secrets::reference_of(source), Item{Secret::copy_of(token), "earlier", ours});
  names_.insert_or_assign(secrets::reference_of(source), name);
  return source;
}

void FakeStore::drop(const secrets::CredentialSource& source) {
  items_.erase(secrets::reference_of(source));
}

asio::awaitable<secrets::Availability> FakeStore::availability(const Environment&) {
  co_return available;
}

Task<secrets::Place> FakeStore::plan(const secrets::PlaceRequest& request, const Environment&) {
  planned.push_back(request);
  if (on_plan) on_plan();
  if (plan_fails) co_return failure(*plan_fails);
  secrets::Place place;
  place.request = request;
  place.key = request.scope.str() + "-" + request.operation_id;
  place.display = name() + "  " + place.key;
  co_return place;
}

Task<secrets::StoredItem> FakeStore::put(const secrets::Place& place, const Secret& token, const Environment&) {
  ++put_count_;
  if (on_put) on_put();
  // The first wait of a real store would end in the same way.
  const bool cancelled = co_await async::cancelled_already();
  if (cancelled) co_return failure(Reason::cancelled, "cancelled");
  if (put_fails) co_return failure(*put_fails);
  const auto item = item_at(place.key);
  const std::string reference = secrets::reference_of(item.source);
  const bool ours = !is_foreign(place.key);
  if (!ours) before_.insert_or_assign(place.key, items_.at(reference).token.clone());
  items_.insert_or_assign(reference, Item{token.clone(), place.request.operation_id, ours});
  if (after_put) after_put();
  if (put_fails_after) co_return failure(*put_fails_after);
  co_return item;
}

Task<Secret> FakeStore::read_back(const secrets::StoredItem& item, const Secret*, const Environment&) {
  if (read_fails) co_return failure(*read_fails);
  if (reads_another) co_return Secret::copy_of(token_like('x'));
  const auto found = items_.find(secrets::reference_of(item.source));
  if (found == items_.end()) co_return failure(gone());
  co_return found->second.token.clone();
}

Task<std::optional<secrets::StoredItem>> FakeStore::find_by_operation(const std::string& operation_id,
                                                                      const std::string& place_key,
                                                                      const Environment&) {
  if (on_find) on_find();
  if (find_fails) co_return failure(*find_fails);
  const auto item = item_at(place_key);
  const auto found = items_.find(secrets::reference_of(item.source));
  if (found == items_.end() || found->second.operation_id != operation_id) co_return std::nullopt;
  co_return item;
}

bool FakeStore::holds(const secrets::CredentialSource& source) const {
  return source.index() == source_of(kind_, {}).index();
}

Task<secrets::CredentialSource> FakeStore::canonical(const secrets::CredentialSource& named, const Environment&) {
  co_return named;
}

Task<secrets::Place> FakeStore::plan_successor(const secrets::CredentialSource& current,
                                               const secrets::PlaceRequest& request, const Environment& client) {
  const std::string reference = secrets::reference_of(current);
  const auto found = items_.find(reference);
  if (found == items_.end() || found->second.ours) co_return co_await plan(request, client);
  planned.push_back(request);
  if (plan_fails) co_return failure(*plan_fails);
  co_return secrets::Place{request, names_.at(reference), name() + "  " + reference, true};
}

Task<bool> FakeStore::is_ours(const secrets::CredentialSource& source, const Environment&) {
  const auto found = items_.find(secrets::reference_of(source));
  co_return found == items_.end() || found->second.ours;
}

Task<bool> FakeStore::is_jackins(const secrets::CredentialSource& source, const Scope&, const Environment&) {
  const auto found = items_.find(secrets::reference_of(source));
  co_return found != items_.end() && found->second.jackins;
}

Task<bool> FakeStore::remove(const secrets::CredentialSource& source, secrets::Removal removal, const Environment&) {
  if (remove_fails) co_return failure(*remove_fails);
  const auto known = items_.find(secrets::reference_of(source));
  const bool others = known != items_.end() && !known->second.ours;
  if (others && removal == secrets::Removal::only_ours) co_return failure(Reason::not_ours, "somebody else's");
  if (into_existing) co_return failure(Reason::not_ours, "the item was there before");
  co_return items_.erase(secrets::reference_of(source)) != 0;
}

Task<> FakeStore::put_back(const secrets::StoredItem& item, const std::string& key, const Environment&) {
  if (put_back_fails) co_return failure(*put_back_fails);
  if (const auto before = before_.find(key); before != before_.end()) {
    items_.at(secrets::reference_of(item.source)).token = std::move(before->second);
    before_.erase(before);
    co_return Result<>();
  }
  items_.erase(secrets::reference_of(item.source));
  co_return Result<>();
}

void FakeResolver::give(const std::string& reference, std::string_view secret) {
  failures_.erase(reference);
  secrets_.insert_or_assign(reference, Secret::copy_of(secret));
}

void FakeResolver::fail(const std::string& reference, Error error) {
  failures_.insert_or_assign(reference, std::move(error));
}

Task<Secret> FakeResolver::resolve(const secrets::CredentialSource& source, const secrets::ResolveContext&) {
  const std::string reference = secrets::reference_of(source);
  asked.push_back(reference);
  if (before_answer) co_await before_answer();
  if (const auto failure_of = failures_.find(reference); failure_of != failures_.end()) {
    co_return failure(failure_of->second);
  }
  if (const auto* literal = std::get_if<secrets::LiteralSource>(&source)) co_return literal->token->clone();
  if (const auto found = secrets_.find(reference); found != secrets_.end()) co_return found->second.clone();
  for (const auto* store : stores_) {
    const auto found = store->items().find(reference);
    if (found != store->items().end()) co_return found->second.token.clone();
  }
  co_return failure(gone());
}

}  // namespace jackin::test
