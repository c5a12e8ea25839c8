#include "client/view/wire_scope.hpp"

#include "common/untrusted_text.hpp"

namespace jackin::client {

v1::Scope to_wire(const Scope& scope) {
  v1::Scope wire;
  wire.set_workspace(scope.workspace_name());
  wire.set_role(scope.role_name());
  return wire;
}

std::string scope_text(const v1::Scope& scope) {
  if (scope.workspace().empty()) return "global";
  const std::string workspace = printable(scope.workspace());
  return scope.role().empty() ? workspace : workspace + ":" + printable(scope.role());
}

}  // namespace jackin::client
