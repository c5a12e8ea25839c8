// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_target.hpp"

#include <nlohmann/json.hpp>

#include "common/untrusted_text.hpp"
#include "daemon/secrets/op_reference.hpp"

namespace jackin::secrets {
namespace {

// Calls `visit(key, member)` for each text of a target.
template <typename Target, typename Visit>
void each_text(Target& target, Visit visit) {
  visit("account", target.account);
  visit("vault", target.vault_id);
  visit("vault_name", target.vault_name);
  visit("item", target.item_id);
  visit("item_title", target.item_title);
  visit("section", target.section_id);
  visit("section_label", target.section_label);
  visit("field", target.field_id);
  visit("field_label", target.field_label);
}

}  // namespace

std::string OpTarget::reference(std::string_view item) const {
  return OpReference{vault_id, std::string(item), section_id, field_id, {}}.str();
}

std::string OpTarget::path() const {
  std::string text = vault_name + "/" + item_title + "/";
  if (!section_label.empty()) text += section_label + "/";
  return printable(text + field_label);
}

std::string to_key(const OpTarget& target) {
  nlohmann::json json = nlohmann::json::object();
  each_text(target, [&](const char* key, const std::string& text) {
    if (!text.empty()) json[key] = text;
  });
  if (target.new_section) json["new_section"] = true;
  if (target.new_field) json["new_field"] = true;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<OpTarget> op_target_from(std::string_view key) {
  const auto refused = [] { return failure(Reason::invalid_argument, "this is not a place in 1Password"); };
  const auto json = nlohmann::json::parse(key, nullptr, false);
  if (!json.is_object()) return refused();
  OpTarget target;
  bool fits = true;
  each_text(target, [&](const char* name, std::string& text) {
    const auto found = json.find(name);
    if (found == json.end()) return;
    fits = fits && found->is_string();
    if (fits) text = found->get<std::string>();
  });
  const auto is_true = [&](const char* name) { return json.contains(name) && json[name] == true; };
  target.new_section = is_true("new_section");
  target.new_field = is_true("new_field");
  if (!fits || target.vault_id.empty() || target.field_id.empty()) return refused();
  return target;
}

}  // namespace jackin::secrets
