// SPDX-License-Identifier: Apache-2.0
#include "daemon/state/journal_detail.hpp"

#include <nlohmann/json.hpp>
#include <system_error>

#include "common/remedy_json.hpp"
#include "common/words.hpp"

namespace jackin::state {
namespace {

using nlohmann::json;

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? std::string() : string_from_json(*found);
}

bool is_true_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::optional<Scope> scope_in(const json& object) {
  if (!object.is_object()) return std::nullopt;
  const std::string workspace = text_at(object, "workspace");
  const std::string role = text_at(object, "role");
  if (workspace.empty()) return Scope::global();
  auto scope = role.empty() ? Scope::workspace(workspace) : Scope::role(workspace, role);
  return scope ? std::optional(*std::move(scope)) : std::nullopt;
}

}  // namespace

std::string to_json(const JournalDetail& detail) {
  json object = json::object();
  const auto add = [&](const char* key, const std::string& text) {
    if (!text.empty()) object[key] = string_to_json(text);
  };
  add("config_folder", detail.config_folder);
  if (detail.store) object["store"] = word_of(*detail.store);
  add("place_key", detail.place_key);
  add("reference", detail.reference);
  add("place", detail.place);
  if (detail.fingerprint) object["fingerprint"] = detail.fingerprint->str();
  if (detail.expires_on) object["expires_on"] = format_date(*detail.expires_on);
  if (detail.replaces) object["replaces"] = true;
  if (detail.minted) object["minted"] = true;
  if (detail.expiry_known) object["expiry_known"] = true;
  add("organization", detail.organization);
  for (const Scope& scope : detail.others) {
    object["others"].push_back({{"workspace", string_to_json(scope.workspace_name())}, {"role", scope.role_name()}});
  }
  add("old_reference", detail.old_reference);
  add("old_account", detail.old_account);
  if (detail.old_fingerprint) object["old_fingerprint"] = detail.old_fingerprint->str();
  add("old_place", detail.old_place);
  if (detail.delete_old) object["delete_old"] = true;
  if (detail.even_not_ours) object["even_not_ours"] = true;
  if (detail.slots_done) object["slots_done"] = true;
  if (detail.keep) object["keep"] = true;
  add("account", detail.account);
  add("workdir", detail.workdir);
  if (!detail.remedy.empty()) object["remedy"] = jackin::to_json(detail.remedy);
  return object.dump();
}

std::optional<JournalDetail> journal_detail_from(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  JournalDetail detail;
  detail.config_folder = text_at(object, "config_folder");
  if (const std::string store = text_at(object, "store"); !store.empty()) {
    detail.store = from_word<SourceKind>(store);
    if (!detail.store) return std::nullopt;
  }
  detail.place_key = text_at(object, "place_key");
  detail.reference = text_at(object, "reference");
  detail.place = text_at(object, "place");
  detail.fingerprint = Fingerprint::parse(text_at(object, "fingerprint"));
  detail.expires_on = parse_date(text_at(object, "expires_on"));
  detail.replaces = is_true_at(object, "replaces");
  detail.minted = is_true_at(object, "minted");
  detail.expiry_known = is_true_at(object, "expiry_known");
  detail.organization = text_at(object, "organization");
  if (const auto others = object.find("others"); others != object.end() && others->is_array()) {
    for (const auto& other : *others) {
      auto scope = scope_in(other);
      if (!scope) return std::nullopt;
      detail.others.push_back(*std::move(scope));
    }
  }
  detail.old_reference = text_at(object, "old_reference");
  detail.old_account = text_at(object, "old_account");
  detail.old_fingerprint = Fingerprint::parse(text_at(object, "old_fingerprint"));
  detail.old_place = text_at(object, "old_place");
  detail.delete_old = is_true_at(object, "delete_old");
  detail.even_not_ours = is_true_at(object, "even_not_ours");
  detail.slots_done = is_true_at(object, "slots_done");
  detail.keep = is_true_at(object, "keep");
  detail.account = text_at(object, "account");
  detail.workdir = text_at(object, "workdir");
  if (const auto remedy = object.find("remedy"); remedy != object.end()) detail.remedy = remedy_from_json(*remedy);
  return detail;
}

bool names_folder(const JournalDetail& detail, const std::filesystem::path& config_dir) {
  if (detail.config_folder.empty()) return true;
  // The folder as it is stored: a path need not be UTF-8.
  JournalDetail own;
  own.config_folder = config_dir.string();
  const auto written = journal_detail_from(to_json(own));
  return written && written->config_folder == detail.config_folder;
}

Result<bool> is_about(const JournalDetail& detail, const std::filesystem::path& config_dir) {
  if (names_folder(detail, config_dir)) return true;
  std::error_code error;
  const bool is_same = std::filesystem::equivalent(detail.config_folder, config_dir, error);
  if (error && error != std::errc::no_such_file_or_directory) {
    return failure(error_from_errno("cannot read it", error.value()));
  }
  return is_same;
}

}  // namespace jackin::state
