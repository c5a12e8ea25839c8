// SPDX-License-Identifier: Apache-2.0
#include "client/core/scopes.hpp"

namespace jackin::client {

std::optional<Scope> scope_from(const v1::Scope& proto) {
  if (proto.workspace().empty()) return proto.role().empty() ? std::optional(Scope::global()) : std::nullopt;
  const auto scope =
      proto.role().empty() ? Scope::workspace(proto.workspace()) : Scope::role(proto.workspace(), proto.role());
  return scope ? std::optional(*scope) : std::nullopt;
}

const Scopes& group_of(const v1::ProbeReply& probe, const v1::OverviewReply& overview) {
  static const Scopes none;
  const auto number = static_cast<std::size_t>(probe.group());
  if (number == 0 || number > static_cast<std::size_t>(overview.groups_size())) return none;
  return overview.groups(static_cast<int>(number - 1)).scopes();
}

}  // namespace jackin::client
