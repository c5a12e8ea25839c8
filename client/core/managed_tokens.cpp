// SPDX-License-Identifier: Apache-2.0
#include "client/core/managed_tokens.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "client/rpc/proto_conversion.hpp"
#include "common/untrusted_text.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::client {
namespace {

// The rank of a scope: 0 for global, 1 for a workspace, 2 for a role.
int narrowness(const Scope& scope) {
  return scope.is_global() ? 0 : scope.has_role() ? 2 : 1;
}

}  // namespace

const Scopes& group_of(const v1::ProbeReply& probe, const v1::OverviewReply& overview) {
  static const Scopes none;
  const auto number = static_cast<std::size_t>(probe.group());
  if (number == 0 || number > static_cast<std::size_t>(overview.groups_size())) return none;
  return overview.groups(static_cast<int>(number - 1)).scopes();
}

std::vector<ManagedToken> managed_tokens(const v1::OverviewReply& overview) {
  std::vector<ManagedToken> tokens;
  std::set<Scope> seen;
  for (const v1::ProbeReply& probe : overview.scopes()) {
    const auto scope = scope_from(probe.scope());
    if (!scope || seen.contains(*scope)) continue;
    if (probe.verdict() == v1::VERDICT_MALFORMED && probe.mode() == v1::AUTH_MODE_UNSPECIFIED) {
      Error error{Reason::config_invalid, printable(probe.summary(), 1000), from_proto(probe.remedy())};
      tokens.push_back({*scope, {}, {}, {}, std::move(error)});
      continue;
    }
    if (probe.mode() != v1::AUTH_MODE_OAUTH_TOKEN || probe.source().empty()) continue;
    std::vector<Scope> users;
    for (const v1::Scope& other : group_of(probe, overview)) {
      if (const auto sharing = scope_from(other)) users.push_back(*sharing);
    }
    if (users.empty()) users.push_back(*scope);
    seen.insert(users.begin(), users.end());
    std::stable_sort(users.begin(), users.end(),
                     [](const Scope& a, const Scope& b) { return narrowness(a) < narrowness(b); });
    const Scope owner = users.front();
    users.erase(users.begin());
    tokens.push_back(
        {owner, std::move(users), printable(probe.source()), from_proto(probe.source_kind()), std::nullopt});
  }
  return tokens;
}

}  // namespace jackin::client
