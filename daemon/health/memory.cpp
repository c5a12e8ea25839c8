#include "daemon/health/memory.hpp"

#include <utility>

#include "daemon/secrets/credential_source.hpp"

namespace jackin::health {

void Memory::remember(state::TokenRecord record) {
  const Scope scope = record.scope;
  tokens_.insert_or_assign(scope, std::move(record));
}

void Memory::remember(state::HealthRecord record) {
  const Scope scope = record.scope;
  checks_.insert_or_assign(scope, std::move(record));
}

void Memory::forget(const Scope& scope) {
  tokens_.erase(scope);
  checks_.erase(scope);
}

const state::TokenRecord* Memory::token_of(const Scope& scope) const {
  const auto found = tokens_.find(scope);
  return found == tokens_.end() ? nullptr : &found->second;
}

Knowledge Memory::about(const config::EffectiveAuth& auth) const {
  Knowledge known{auth};
  if (!auth.source) return known;
  const std::string reference = secrets::reference_of(*auth.source);
  const auto* own = token_of(auth.scope);
  if (own != nullptr && own->reference == reference) known.token = own;
  if (known.token == nullptr) {
    for (const auto& [scope, token] : tokens_) {
      if (token.reference != reference) continue;
      if (known.token == nullptr || token.recorded_at > known.token->recorded_at) known.token = &token;
    }
  }
  for (const auto& [scope, check] : checks_) {
    if (check.slot_key != auth.key) continue;
    // Moments are whole seconds. Of two checks in the same one, the API's no counts: only another check takes it back.
    const bool is_newer = known.health == nullptr || check.checked_at > known.health->checked_at;
    const bool is_no =
        known.health != nullptr && check.checked_at == known.health->checked_at && check.upstream == "rejected";
    if (is_newer || is_no) known.health = &check;
  }
  return known;
}

}  // namespace jackin::health
