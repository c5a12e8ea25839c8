// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/scope.hpp"
#include "daemon/health/decide.hpp"
#include "daemon/state/database.hpp"

namespace jackin::health {

/// The records of every scope, in memory. A probe needs two lookups, however many scopes exist.
class Memory {
 public:
  void remember(state::TokenRecord record);
  void remember(state::HealthRecord record);
  void forget(const Scope& scope);

  /// The records of the token that `auth` names: its own, or else the newest of other scopes with the same source and
  /// the same slot. Pointers are valid until the next `remember` or `forget`.
  Knowledge about(const config::EffectiveAuth& auth) const;

  /// The scopes whose check of that slot is later than `moment`. If `moment` is now, the clock was set back after these
  /// checks.
  std::vector<Scope> checked_after(const std::string& slot_key, Moment moment) const;

  const state::TokenRecord* token_of(const Scope& scope) const;
  const std::map<Scope, state::TokenRecord>& tokens() const { return tokens_; }

 private:
  const state::TokenRecord* token_of_others(const config::EffectiveAuth& auth, const std::string& reference) const;

  // The scopes with a record of one source or one slot, and the scope whose record takes precedence.
  struct Group {
    std::set<Scope> scopes;
    Scope best;
  };
  using Groups = std::unordered_map<std::string, Group>;

  template <typename Record>
  static void add(Groups& groups, const std::string& key, const std::map<Scope, Record>& records, const Scope& scope);
  template <typename Record>
  static void remove(Groups& groups, const std::string& key, const std::map<Scope, Record>& records,
                     const Scope& scope);
  template <typename Record>
  static void choose(Group& group, const std::map<Scope, Record>& records);

  std::map<Scope, state::TokenRecord> tokens_;
  std::map<Scope, state::HealthRecord> checks_;
  Groups tokens_of_source_;
  Groups checks_of_slot_;
};

}  // namespace jackin::health
