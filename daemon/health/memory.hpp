#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/effective_auth.hpp"
#include "daemon/health/decide.hpp"
#include "daemon/state/database.hpp"

namespace jackin::health {

/// What is remembered of tokens and checks, in memory, as the database has it. Not thread-safe.
class Memory {
 public:
  void remember(state::TokenRecord record);
  void remember(state::HealthRecord record);
  void forget(const Scope& scope);

  /// What there is to decide about `auth`: the token's record is the scope's own, or the newest of another scope with
  /// the same source; the check is the newest of any scope with the same slot content. So a role that inherits its
  /// workspace's token knows what the workspace knows. Good until the next change.
  Knowledge about(const config::EffectiveAuth& auth) const;

  /// The record of a scope's own token.
  const state::TokenRecord* token_of(const Scope& scope) const;

 private:
  std::map<Scope, state::TokenRecord> tokens_;
  std::map<Scope, state::HealthRecord> checks_;
};

}  // namespace jackin::health
