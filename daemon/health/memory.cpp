// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/memory.hpp"

#include <utility>
#include <variant>

#include "common/recorded_reference.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::health {
namespace {

const std::string& key_of(const state::TokenRecord& record) {
  return record.reference;
}

const std::string& key_of(const state::HealthRecord& record) {
  return record.slot_key;
}

// Whether `one` takes precedence over `other`.
bool counts_more(const state::TokenRecord& one, const state::TokenRecord& other) {
  return one.recorded_at > other.recorded_at;
}

bool counts_more(const state::HealthRecord& one, const state::HealthRecord& other) {
  if (one.checked_at != other.checked_at) return one.checked_at > other.checked_at;
  // Moments are whole seconds. Of two checks in the same second, a rejection by the API takes precedence: only another
  // check revokes it.
  return one.upstream == ApiAnswer::rejected && other.upstream != ApiAnswer::rejected;
}

}  // namespace

template <typename Record>
void Memory::choose(Group& group, const std::map<Scope, Record>& records) {
  group.best = *group.scopes.begin();
  for (const Scope& scope : group.scopes) {
    if (counts_more(records.at(scope), records.at(group.best))) group.best = scope;
  }
}

template <typename Record>
void Memory::add(Groups& groups, const std::string& key, const std::map<Scope, Record>& records, const Scope& scope) {
  Group& group = groups[key];
  const bool is_first = group.scopes.empty();
  group.scopes.insert(scope);
  if (is_first || counts_more(records.at(scope), records.at(group.best))) group.best = scope;
}

template <typename Record>
void Memory::remove(Groups& groups, const std::string& key, const std::map<Scope, Record>& records,
                    const Scope& scope) {
  const auto found = groups.find(key);
  if (found == groups.end() || found->second.scopes.erase(scope) == 0) return;
  if (found->second.scopes.empty()) {
    groups.erase(found);
  } else if (found->second.best == scope) {
    choose(found->second, records);
  }
}

void Memory::remember(state::TokenRecord record) {
  const Scope scope = record.scope;
  if (const auto before = tokens_.find(scope); before != tokens_.end()) {
    remove(tokens_of_source_, key_of(before->second), tokens_, scope);
  }
  const auto now = tokens_.insert_or_assign(scope, std::move(record)).first;
  add(tokens_of_source_, key_of(now->second), tokens_, scope);
}

void Memory::remember(state::HealthRecord record) {
  const Scope scope = record.scope;
  if (const auto before = checks_.find(scope); before != checks_.end()) {
    remove(checks_of_slot_, key_of(before->second), checks_, scope);
  }
  const auto now = checks_.insert_or_assign(scope, std::move(record)).first;
  add(checks_of_slot_, key_of(now->second), checks_, scope);
}

void Memory::forget(const Scope& scope) {
  if (const auto token = tokens_.find(scope); token != tokens_.end()) {
    remove(tokens_of_source_, key_of(token->second), tokens_, scope);
    tokens_.erase(token);
  }
  if (const auto check = checks_.find(scope); check != checks_.end()) {
    remove(checks_of_slot_, key_of(check->second), checks_, scope);
    checks_.erase(check);
  }
}

std::vector<Scope> Memory::checked_after(const std::string& slot_key, Moment moment) const {
  std::vector<Scope> scopes;
  const auto group = checks_of_slot_.find(slot_key);
  if (group == checks_of_slot_.end()) return scopes;
  for (const Scope& scope : group->second.scopes) {
    if (checks_.at(scope).checked_at > moment) scopes.push_back(scope);
  }
  return scopes;
}

const state::TokenRecord* Memory::token_of(const Scope& scope) const {
  const auto found = tokens_.find(scope);
  return found == tokens_.end() ? nullptr : &found->second;
}

const state::TokenRecord* Memory::token_of_others(const config::EffectiveAuth& auth,
                                                  const std::string& reference) const {
  const auto group = tokens_of_source_.find(reference);
  if (group == tokens_of_source_.end()) return nullptr;
  if (!std::holds_alternative<secrets::OpSource>(*auth.source)) return &tokens_.at(group->second.best);
  // Two 1Password accounts can have items with the same reference. A token's record has no account; the slot key in its
  // scope's check has one.
  const state::TokenRecord* best = nullptr;
  for (const Scope& scope : group->second.scopes) {
    const auto check = checks_.find(scope);
    if (check == checks_.end() || check->second.slot_key != auth.key) continue;
    const auto& token = tokens_.at(scope);
    if (best == nullptr || counts_more(token, *best)) best = &token;
  }
  return best;
}

Knowledge Memory::about(const config::EffectiveAuth& auth) const {
  Knowledge known{auth};
  if (!auth.source) return known;
  const std::string reference = recorded_reference(secrets::reference_of(*auth.source));
  const auto* own = token_of(auth.scope);
  if (own != nullptr && own->reference == reference) {
    known.token = own;
  } else {
    known.token = token_of_others(auth, reference);
  }
  if (const auto group = checks_of_slot_.find(auth.key); group != checks_of_slot_.end()) {
    known.health = &checks_.at(group->second.best);
  }
  return known;
}

}  // namespace jackin::health
