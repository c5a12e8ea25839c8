// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/settings.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

#include "common/dates.hpp"
#include "common/os/call_within.hpp"
#include "common/untrusted_text.hpp"
#include "common/words.hpp"
#include "daemon/config/api_url.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/text_file.hpp"
#include "daemon/config/unknown_keys.hpp"

namespace jackin::config {
namespace {

using Strings = std::vector<std::string>;

std::string listed(const Strings& words) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += ", ";
    text += "\"" + word + "\"";
  }
  return text;
}

// Reads one key's value into the settings; a failure contains the values that the key accepts.
using Reader = std::function<tl::expected<void, std::string>(Node)>;

tl::unexpected<std::string> takes(std::string what) {
  return tl::unexpected<std::string>("takes " + std::move(what));
}

template <typename Take>
Reader one_of(const Strings& allowed, Take take) {
  return [=, expected = listed(allowed)](Node node) -> tl::expected<void, std::string> {
    const std::string value(node.text());
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) return takes("one of " + expected);
    take(value);
    return {};
  };
}

Strings words_of_stores() {
  Strings words;
  for (const SourceKind kind : store_kinds) words.emplace_back(word_of(kind));
  return words;
}

Reader duration(std::chrono::seconds& into) {
  return [&into](Node node) -> tl::expected<void, std::string> {
    const auto value = parse_duration(node.text());
    if (!value) return takes("a duration like \"90s\", \"10m\", \"24h\" or \"7d\"");
    into = *value;
    return {};
  };
}

Reader duration_or_off(std::optional<std::chrono::seconds>& into) {
  return [&into](Node node) -> tl::expected<void, std::string> {
    const auto value = parse_duration(node.text());
    const bool off = node.text() == "off";
    if (!off && (!value || value->count() == 0)) return takes("a duration like \"12h\", or \"off\"");
    into = off ? std::nullopt : value;
    return {};
  };
}

Reader truth(bool& into) {
  return [&into](Node node) -> tl::expected<void, std::string> {
    if (!node.is(Node::Kind::boolean)) return takes("true or false");
    into = node.truth();
    return {};
  };
}

Reader api_url(std::string& into) {
  return [&into](Node node) -> tl::expected<void, std::string> {
    if (!is_acceptable_api_url(node.text())) return takes("an https:// address, or one on this machine");
    into = std::string(node.text());
    return {};
  };
}

Reader command(std::vector<std::string>& into) {
  return [&into](Node node) -> tl::expected<void, std::string> {
    std::vector<std::string> words;
    bool good = node.is(Node::Kind::array) || node.is(Node::Kind::string);
    if (node.is(Node::Kind::string)) words.emplace_back(node.text());
    for (const Node& word : node.elements()) {
      good = good && word.is(Node::Kind::string);
      words.emplace_back(word.text());
    }
    if (!good || words.empty() || words.front().empty()) return takes("a program, or an array of it and its arguments");
    into = std::move(words);
    return {};
  };
}

using Table = std::map<std::string, Reader, std::less<>>;

std::map<std::string, Table, std::less<>> tables_of(Settings& settings) {
  const auto slot_style = [&settings](const std::string& value) {
    settings.slot_style = value == "auto"        ? SlotPreference::automatic
                          : value == "canonical" ? SlotPreference::canonical
                          : value == "bridge"    ? SlotPreference::bridge
                                                 : SlotPreference::external;
  };
  return {
      {"slot", {{"style", one_of({"auto", "canonical", "bridge", "external"}, slot_style)}}},
      {"upstream",
       {{"check", one_of({"on", "off"}, [&settings](const std::string& v) { settings.upstream_check = v == "on"; })},
        {"base_url", api_url(settings.upstream_base_url)}}},
      {"cache", {{"ttl", duration(settings.cache_ttl)}}},
      {"notify", {{"enabled", truth(settings.notify_enabled)}, {"command", command(settings.notify_command)}}},
      {"health",
       {{"max_age", duration(settings.health_max_age)}, {"refresh", duration_or_off(settings.health_refresh)}}},
      {"store",
       {{"default", one_of(words_of_stores(),
                           [&settings](const std::string& v) { settings.store_default = from_word<SourceKind>(v); })}}},
      {"log",
       {{"level", one_of({"trace", "debug", "info", "warn", "error", "off"},
                         [&settings](const std::string& v) { settings.log_level = v; })}}},
  };
}

// Removes the keys that run a program or name a server that receives tokens. Returns the names of the removed keys.
std::string reset_untrusted_keys(Settings& settings) {
  std::string reset_keys;
  const auto note = [&](std::string_view key) {
    if (!reset_keys.empty()) reset_keys += " and ";
    reset_keys += key;
  };
  if (!std::exchange(settings.notify_command, {}).empty()) note("[notify] command");
  if (std::exchange(settings.upstream_base_url, default_base_url) != default_base_url) note("[upstream] base_url");
  return reset_keys;
}

}  // namespace

Result<Settings> parse_settings(std::string_view text, std::string_view name) {
  TRY(const Document document, Document::parse(text, name));
  Settings settings;
  const auto tables = tables_of(settings);
  for (const Member& table : document.root().members()) {
    const std::string table_name = shown_key(table.key);
    const auto known = tables.find(table.key);
    if (known == tables.end()) return failure(invalid_at(name, table.place, "'" + table_name + "' is not known"));
    if (!table.value.is(Node::Kind::table)) {
      return failure(invalid_at(name, table.value.place(), "'" + table_name + "' takes a table"));
    }
    for (const Member& member : table.value.members()) {
      const std::string key = shown_key(member.key);
      const auto reader = known->second.find(member.key);
      if (reader == known->second.end()) {
        return failure(invalid_at(
            name, member.place, std::string("[").append(table_name).append("] has no key '").append(key).append("'")));
      }
      if (const auto read = reader->second(member.value); !read) {
        return failure(invalid_at(name, member.value.place(), "'" + key + "' " + read.error()));
      }
    }
  }
  return settings;
}

std::vector<std::string> setting_names() {
  Settings settings;
  std::vector<std::string> names;
  for (const auto& [table, keys] : tables_of(settings)) {
    for (const auto& [key, reader] : keys) names.push_back(std::string(table).append(".").append(key));
  }
  return names;
}

Result<LoadedSettings> load_settings(const Paths& paths) {
  const std::string name = name_of(paths.settings_file(), paths);
  TRY(const TextFile file, read_text_file(paths.settings_file(), name));
  LoadedSettings loaded;
  TRY(loaded.settings, parse_settings(file.text.view(), name));
  Settings trusted = loaded.settings;
  const std::string reset_keys = reset_untrusted_keys(trusted);
  if (reset_keys.empty()) return loaded;
  if (const auto danger = danger_to(paths.settings_file(), file.ownership, paths)) {
    loaded.settings = std::move(trusted);
    loaded.refused = refused("jackind does not use " + reset_keys + " in " + name, *danger);
  }
  return loaded;
}

Result<LoadedSettings> load_settings_within(const Paths& paths, std::chrono::milliseconds limit) {
  auto loaded = os::call_within(limit, [paths] { return load_settings(paths); });
  if (loaded) return *std::move(loaded);
  return failure(does_not_answer(name_of(paths.settings_file(), paths), paths.settings_file()));
}

Task<LoadedSettings> load_settings_on(async::TimedCalls& threads, Paths paths) {
  std::string key = paths.settings_file().string();
  Error late = does_not_answer(name_of(paths.settings_file(), paths), paths.settings_file());
  auto work = [paths = std::move(paths)] { return load_settings(paths); };
  auto loaded = co_await threads.run_uncancelled(std::move(key), async::TimedCalls::limit, std::move(work));
  if (!loaded && loaded.error().reason == Reason::timed_out) co_return failure(std::move(late));
  co_return loaded;
}

}  // namespace jackin::config
