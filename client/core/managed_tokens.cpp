// SPDX-License-Identifier: Apache-2.0
#include "client/core/managed_tokens.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "client/cli/sharing.hpp"
#include "client/rpc/status.hpp"
#include "common/untrusted_text.hpp"
#include "jackin/v1/health.grpc.pb.h"

namespace jackin::client {
namespace {

constexpr std::size_t most_others_named = 10;

// Converts a scope from the daemon. Returns nothing for one that this version would refuse.
std::optional<Scope> scope_from(const v1::Scope& proto) {
  if (proto.workspace().empty()) return proto.role().empty() ? std::optional(Scope::global()) : std::nullopt;
  const auto scope =
      proto.role().empty() ? Scope::workspace(proto.workspace()) : Scope::role(proto.workspace(), proto.role());
  return scope ? std::optional(*scope) : std::nullopt;
}

// The rank of a scope: 0 for global, 1 for a workspace, 2 for a role.
int narrowness(const Scope& scope) {
  return scope.is_global() ? 0 : scope.has_role() ? 2 : 1;
}

}  // namespace

std::string ManagedToken::names() const {
  if (others.empty()) return scope.str();
  std::vector<std::string> some;
  for (std::size_t i = 0; i < std::min(others.size(), most_others_named); ++i) some.push_back(others[i].str());
  return scope.str() + " (also " + few_names(some, others.size()) + ")";
}

Result<v1::OverviewReply> overview_of(const Connection& connection) {
  v1::OverviewReply reply;
  grpc::ClientContext context;
  set_deadline(context);
  const auto status = v1::Health::NewStub(connection.channel())->Overview(&context, v1::OverviewRequest(), &reply);
  if (!status.ok()) return failure(error_from_status(status));
  return reply;
}

std::vector<ManagedToken> managed_tokens(const v1::OverviewReply& overview) {
  std::vector<ManagedToken> tokens;
  std::set<Scope> seen;
  for (const v1::ProbeReply& probe : overview.scopes()) {
    const auto scope = scope_from(probe.scope());
    if (!scope || seen.contains(*scope)) continue;
    if (probe.verdict() == "malformed" && probe.mode().empty()) {
      Error error{Reason::config_invalid, printable(probe.summary(), 1000), printable(probe.remedy(), 1000)};
      tokens.push_back({*scope, {}, {}, {}, std::move(error)});
      continue;
    }
    if (probe.mode() != "oauth_token" || probe.source().empty()) continue;
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
    tokens.push_back({owner, std::move(users), printable(probe.source()), probe.source_kind(), std::nullopt});
  }
  return tokens;
}

}  // namespace jackin::client
