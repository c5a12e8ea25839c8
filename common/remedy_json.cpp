// SPDX-License-Identifier: Apache-2.0
#include "common/remedy_json.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "common/text_characters.hpp"
#include "common/words.hpp"

namespace jackin {
namespace {

using nlohmann::json;

// The fields that are strings, with their keys.
constexpr std::array<std::pair<const char*, std::string Remedy::*>, 11> strings{{
    {"note", &Remedy::note},
    {"config_folder", &Remedy::config_folder},
    {"workdir", &Remedy::workdir},
    {"reference", &Remedy::reference},
    {"vault", &Remedy::vault},
    {"item", &Remedy::item},
    {"tag", &Remedy::tag},
    {"service", &Remedy::service},
    {"account", &Remedy::account},
    {"name", &Remedy::name},
    {"value", &Remedy::value},
}};

constexpr std::array<std::pair<const char*, std::vector<std::string> Remedy::*>, 2> lists{{
    {"paths", &Remedy::paths},
    {"values", &Remedy::values},
}};

const json* member(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::string string_at(const json& object, const char* key) {
  const json* const value = member(object, key);
  return value == nullptr ? std::string() : string_from_json(*value);
}

// Older versions wrote the command, or `# ` and a comment.
Remedy from_old_text(std::string text) {
  text.erase(0, text.find_first_not_of("# "));
  return Remedy::only_note(std::move(text));
}

void read_numbers(const json& object, Remedy& remedy) {
  const json* const line = member(object, "line");
  if (line != nullptr && line->is_number_unsigned()) remedy.line = line->get<std::uint32_t>();
  const json* const pids = member(object, "pids");
  if (pids != nullptr && pids->is_array()) {
    for (const json& pid : *pids) {
      if (pid.is_number_integer()) remedy.pids.push_back(pid.get<std::int64_t>());
    }
  }
  const json* const restart = member(object, "then_restart");
  remedy.then_restart = restart != nullptr && restart->is_boolean() && restart->get<bool>();
}

}  // namespace

json string_to_json(const std::string& text) {
  if (is_utf8(text)) return text;
  return std::vector<unsigned char>(text.begin(), text.end());
}

std::string string_from_json(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  std::string text;
  if (!value.is_array()) return text;
  for (const json& byte : value) {
    if (!byte.is_number_unsigned()) return {};
    text += static_cast<char>(byte.get<unsigned char>());
  }
  return text;
}

json to_json(const Remedy& remedy) {
  if (remedy.empty()) return nullptr;
  json object = json::object();
  object["action"] = to_code(remedy.action);
  for (const auto& [key, field] : strings) {
    if (!(remedy.*field).empty()) object[key] = string_to_json(remedy.*field);
  }
  for (const auto& [key, field] : lists) {
    for (const std::string& text : remedy.*field) object[key].push_back(string_to_json(text));
  }
  if (remedy.scope) {
    object["scope"] = {{"workspace", string_to_json(remedy.scope->workspace)},
                       {"role", string_to_json(remedy.scope->role)}};
  }
  if (remedy.store) object["store"] = word_of(*remedy.store);
  if (remedy.line > 0) object["line"] = remedy.line;
  if (remedy.access != PathAccess::none) object["access"] = to_code(remedy.access);
  if (remedy.option != RequestOption::none) object["option"] = to_code(remedy.option);
  if (!remedy.pids.empty()) object["pids"] = remedy.pids;
  if (remedy.then_restart) object["then_restart"] = true;
  return object;
}

Remedy remedy_from_json(const json& value) {
  if (value.is_string()) return from_old_text(value.get<std::string>());
  if (!value.is_object()) return {};
  const auto action = remedy_action_from_code(string_at(value, "action"));
  if (!action) return Remedy::only_note(string_at(value, "note"));
  Remedy remedy;
  remedy.action = *action;
  for (const auto& [key, field] : strings) remedy.*field = string_at(value, key);
  for (const auto& [key, field] : lists) {
    const json* const list = member(value, key);
    if (list == nullptr || !list->is_array()) continue;
    for (const json& text : *list) (remedy.*field).push_back(string_from_json(text));
  }
  if (const json* const scope = member(value, "scope"); scope != nullptr && scope->is_object()) {
    remedy.scope = RemedyScope{string_at(*scope, "workspace"), string_at(*scope, "role")};
  }
  remedy.store = from_word<SourceKind>(string_at(value, "store"));
  remedy.access = path_access_from_code(string_at(value, "access")).value_or(PathAccess::none);
  remedy.option = request_option_from_code(string_at(value, "option")).value_or(RequestOption::none);
  read_numbers(value, remedy);
  return remedy;
}

}  // namespace jackin
