// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/external_slots.hpp"

#include <utility>

#include "common/untrusted_text.hpp"

namespace jackin::config {

using secrets::ClientEnvSource;
using secrets::CredentialSource;

Result<ExternalSlots> read_external_slots(Node root, std::string_view name) {
  ExternalSlots slots;
  slots.name = std::string(name);
  const Node tokens = root["tokens"];
  if (tokens && !tokens.is(Node::Kind::table)) {
    return failure(invalid_at(name, tokens.place(), "'tokens' takes a table"));
  }
  for (const Member& entry : tokens.members()) {
    const Node slot = entry.value["oauth_token"];
    if (slot) slots.entries.emplace(entry.key, ExternalSlot{read_slot(slot, name), slot.place()});
  }
  return slots;
}

std::string external_variable(const Scope& scope, int attempt) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string variable(external_prefix);
  // No workspace has this name: '_' becomes "_5f" in it.
  if (scope.is_global()) variable += '_';
  for (const char c : scope.str()) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (is_plain) {
      variable += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    variable += '_';
    variable += digits[byte >> 4];
    variable += digits[byte & 0xf];
  }
  return attempt == 1 ? variable : variable + "_no" + std::to_string(attempt);
}

Result<> add_external_source(AuthKeys& keys, const ExternalSlots& slots) {
  const auto* const variable = keys.env_entry ? std::get_if<ClientEnvSource>(&keys.env_entry->source) : nullptr;
  if (variable == nullptr) return {};
  const auto found = slots.entries.find(variable->name);
  if (found == slots.entries.end()) return {};
  TRY(keys.env_entry->external, found->second.source);
  return {};
}

bool needs_external_slots(const EffectiveAuth& auth) {
  return auth.source && std::holds_alternative<ClientEnvSource>(*auth.source);
}

Result<> use_external_slot(EffectiveAuth& auth, const ExternalSlots& slots) {
  if (!needs_external_slots(auth)) return {};
  const std::string variable = std::get<ClientEnvSource>(*auth.source).name;
  const auto found = slots.entries.find(variable);
  if (found == slots.entries.end()) {
    if (!is_external_variable(variable)) return {};
    auth.oddities.push_back(
        {"external_slot_missing",
         auth.source_name + " names " + printable(variable) + ", which has no token in jackind-slots.toml",
         Remedy::setup(auth.scope), true});
    auth.source.reset();
    auth.form = SlotForm::none;
    auth.source_layer = LayerKind::built_in_default;
  } else {
    TRY(auth.source, found->second.source);
    auth.form = SlotForm::external;
    auth.variable = variable;
    auth.source_file = slots.file;
    auth.source_ownership = slots.ownership;
    auth.source_name = slots.name;
    auth.source_place = found->second.place;
    const bool is_literal = std::holds_alternative<secrets::LiteralSource>(*auth.source);
    if (is_literal && slots.readable_by_others) {
      auth.oddities.push_back({"literal_readable_by_others", "other users can read the file that contains the token",
                               Remedy::set_access(slots.file.string(), PathAccess::private_file), true});
    }
  }
  auth.key = content_key(auth.mode, auth.source ? &*auth.source : nullptr, auth.source_file);
  return {};
}

}  // namespace jackin::config
