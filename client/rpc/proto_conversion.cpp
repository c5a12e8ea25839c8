// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/proto_conversion.hpp"

#include "common/untrusted_text.hpp"

namespace jackin::client {

v1::Scope to_proto(const Scope& scope) {
  v1::Scope proto;
  proto.set_workspace(scope.workspace_name());
  proto.set_role(scope.role_name());
  return proto;
}

std::optional<Scope> scope_from(const v1::Scope& proto) {
  if (proto.workspace().empty()) return proto.role().empty() ? std::optional(Scope::global()) : std::nullopt;
  const auto scope =
      proto.role().empty() ? Scope::workspace(proto.workspace()) : Scope::role(proto.workspace(), proto.role());
  return scope ? std::optional(*scope) : std::nullopt;
}

v1::ClientEnvironment to_proto(const Environment& environment) {
  v1::ClientEnvironment proto;
  const Environment sent = client_environment(environment);
  for (const auto& [name, value] : sent.variables()) {
    v1::Variable& variable = *proto.add_variables();
    variable.set_name(name);
    variable.set_value(value);
  }
  return proto;
}

std::string scope_text(const v1::Scope& scope) {
  if (scope.workspace().empty()) return "global";
  // A file name has at most 255 bytes, and each may be shown as four characters.
  const std::string workspace = printable(scope.workspace(), 1020);
  return scope.role().empty() ? workspace : workspace + ":" + printable(scope.role());
}

}  // namespace jackin::client
