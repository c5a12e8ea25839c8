#include "client/view/wire.hpp"

#include "common/untrusted_text.hpp"

namespace jackin::client {

v1::Scope to_wire(const Scope& scope) {
  v1::Scope wire;
  wire.set_workspace(scope.workspace_name());
  wire.set_role(scope.role_name());
  return wire;
}

v1::ClientEnvironment to_wire(const Environment& environment) {
  v1::ClientEnvironment wire;
  const Environment sent = sent_to_daemon(environment);
  for (const auto& [name, value] : sent.variables()) {
    v1::Variable& variable = *wire.add_variables();
    variable.set_name(name);
    variable.set_value(value);
  }
  return wire;
}

std::string scope_text(const v1::Scope& scope) {
  if (scope.workspace().empty()) return "global";
  // A file's name has at most 255 bytes; each may be four characters.
  const std::string workspace = printable(scope.workspace(), 1020);
  return scope.role().empty() ? workspace : workspace + ":" + printable(scope.role());
}

}  // namespace jackin::client
