#include "daemon/state/journal_detail.hpp"

#include <nlohmann/json.hpp>

namespace jackin::state {
namespace {

using nlohmann::json;

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::string to_json(const JournalDetail& detail) {
  json object = json::object();
  const auto add = [&](const char* key, const std::string& text) {
    if (!text.empty()) object[key] = text;
  };
  add("store", detail.store);
  add("place_key", detail.place_key);
  add("reference", detail.reference);
  add("place", detail.place);
  if (detail.fingerprint) object["fingerprint"] = detail.fingerprint->str();
  if (detail.expires_on) object["expires_on"] = format_date(*detail.expires_on);
  if (detail.minted) object["minted"] = true;
  add("organization", detail.organization);
  add("remedy", detail.remedy);
  // A path need not be UTF-8.
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<JournalDetail> journal_detail_from(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  JournalDetail detail;
  detail.store = text_at(object, "store");
  detail.place_key = text_at(object, "place_key");
  detail.reference = text_at(object, "reference");
  detail.place = text_at(object, "place");
  detail.fingerprint = Fingerprint::parse(text_at(object, "fingerprint"));
  detail.expires_on = parse_date(text_at(object, "expires_on"));
  const auto minted = object.find("minted");
  detail.minted = minted != object.end() && minted->is_boolean() && minted->get<bool>();
  detail.organization = text_at(object, "organization");
  detail.remedy = text_at(object, "remedy");
  return detail;
}

}  // namespace jackin::state
