#include "client/link/requests.hpp"

namespace jackin::client {

void to_wire(const Scope& scope, v1::Scope& wire) {
  wire.set_workspace(scope.workspace_name());
  wire.set_role(scope.role_name());
}

Result<Scope> from_wire(const v1::Scope& wire) {
  if (wire.workspace().empty()) return Scope::global();
  if (wire.role().empty()) return Scope::workspace(wire.workspace());
  return Scope::role(wire.workspace(), wire.role());
}

void to_wire(const Environment& environment, v1::ClientEnvironment& wire) {
  auto& variables = *wire.mutable_variables();
  const Environment sent = sent_to_daemon(environment);
  for (const auto& [name, value] : sent.variables()) variables[name] = value;
}

}  // namespace jackin::client
