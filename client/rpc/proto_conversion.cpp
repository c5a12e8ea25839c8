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

bool is_same(const v1::Scope& one, const v1::Scope& other) {
  return one.workspace() == other.workspace() && one.role() == other.role();
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

Remedy from_proto(const v1::Remedy& proto) {
  const auto known = [](int number, int last) { return number >= 0 && number <= last; };
  const int last_action = static_cast<int>(all_remedy_actions.size()) - 1;
  if (!known(proto.action(), last_action)) return Remedy::only_note(proto.note());
  Remedy remedy;
  remedy.action = static_cast<RemedyAction>(proto.action());
  remedy.note = proto.note();
  if (proto.has_scope()) remedy.scope = RemedyScope{proto.scope().workspace(), proto.scope().role()};
  remedy.config_folder = proto.config_dir();
  remedy.workdir = proto.workdir();
  remedy.reference = proto.reference();
  remedy.store = from_proto(proto.store());
  remedy.vault = proto.vault();
  remedy.item = proto.item();
  remedy.tag = proto.tag();
  remedy.service = proto.service();
  remedy.account = proto.account();
  remedy.paths.assign(proto.paths().begin(), proto.paths().end());
  remedy.line = proto.line();
  if (known(proto.access(), last_path_access)) remedy.access = static_cast<PathAccess>(proto.access());
  if (known(proto.option(), last_request_option)) remedy.option = static_cast<RequestOption>(proto.option());
  remedy.values.assign(proto.values().begin(), proto.values().end());
  remedy.name = proto.name();
  remedy.value = proto.value();
  remedy.pids.assign(proto.pids().begin(), proto.pids().end());
  remedy.then_restart = proto.then_restart();
  return remedy;
}

Error from_proto(const v1::ErrorDetail& error) {
  constexpr std::size_t message_limit = 2000;
  return {reason_from_code(error.reason()).value_or(Reason::internal), printable(error.message(), message_limit),
          from_proto(error.remedy())};
}

std::string remedy_line(const v1::Remedy& remedy, const TypedCommand& typed) {
  return command_line(from_proto(remedy), typed);
}

std::string scope_text(const v1::Scope& scope) {
  if (scope.workspace().empty()) return "global";
  // A file name has at most 255 bytes, and each may be shown as four characters.
  const std::string workspace = printable(scope.workspace(), 1020);
  return scope.role().empty() ? workspace : workspace + ":" + printable(scope.role());
}

}  // namespace jackin::client
