// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/jackin_schema.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "daemon/config/unknown_keys.hpp"

namespace jackin::config {
namespace {

using Keys = std::initializer_list<std::string_view>;

constexpr std::array agents{std::string_view("claude"), std::string_view("codex"),    std::string_view("amp"),
                            std::string_view("kimi"),   std::string_view("opencode"), std::string_view("grok")};

// The structs with deny_unknown_fields in jackin's crates jackin-config and jackin-core (schema v1alpha8 and v1alpha9).
class Check {
 public:
  std::vector<Refusal> of_file(Node root, bool is_global) {
    layer(root, {});
    only(root["docker"], "[docker]", is_global ? Keys{"mounts", "profile", "grants"} : Keys{"profile", "grants"});
    for (const Member& role : root["roles"].members()) {
      const std::string table = "[roles." + shown_key(role.key) + "]";
      if (is_global) {
        only(role.value, table, {"git", "trusted", "env"});
        needs(role.value, "git", table);
        env(role.value["env"]);
      } else {
        only(role.value, table, {"env", "claude", "codex", "amp", "kimi", "opencode", "grok", "github"});
        layer(role.value, "roles." + shown_key(role.key) + ".");
      }
    }
    if (is_global) {
      only(root["telemetry"], "[telemetry]", {"level", "categories"});
      only(root["git"], "[git]", {"coauthor_trailer", "dco"});
    } else {
      only(root["keep_awake"], "[keep_awake]", {"enabled"});
      needs(root, "workdir", "the file");
    }
    std::stable_sort(found_.begin(), found_.end(), [](const Refusal& one, const Refusal& other) {
      return std::pair(one.place.line, one.place.column) < std::pair(other.place.line, other.place.column);
    });
    return std::move(found_);
  }

 private:
  void refuse(Place place, std::string what) { found_.push_back({place, std::move(what)}); }

  void only(Node table, const std::string& name, Keys keys) {
    for (const Member& member : table.members()) {
      if (std::find(keys.begin(), keys.end(), member.key) != keys.end()) continue;
      refuse(member.place, "unknown key '" + shown_key(member.key) + "' in " + name);
    }
  }

  void needs(Node table, std::string_view key, const std::string& name) {
    if (!table[key]) refuse(table.place(), name + " has no '" + std::string(key) + "'");
  }

  void layer(Node table, const std::string& prefix) {
    for (const auto agent : agents) {
      only(table[agent], "[" + prefix + std::string(agent) + "]", {"auth_forward", "sync_source_dir"});
    }
    only(table["github"], "[" + prefix + "github]", {"auth_forward", "env"});
    env(table["env"]);
    env(table["github"]["env"]);
  }

  void env(Node table) {
    for (const Member& member : table.members()) {
      const std::string name = "'" + shown_key(member.key) + "' in an [env]";
      if (!member.value.is(Node::Kind::table)) {
        if (!member.value.is(Node::Kind::string)) refuse(member.place, name + " is neither a string nor a table");
        continue;
      }
      const bool is_reference = static_cast<bool>(member.value["op"]);
      if (is_reference) {
        only(member.value, name, {"op", "path", "account", "on_demand"});
        if (!member.value["op"].text().starts_with("op://")) refuse(member.place, name + " has no op:// reference");
        if (!member.value["path"]) refuse(member.place, name + " has 'op' without 'path'");
      } else {
        only(member.value, name, {"value", "on_demand"});
        if (!member.value["value"]) refuse(member.place, name + " has neither 'op' nor 'value'");
      }
    }
  }

  std::vector<Refusal> found_;
};

}  // namespace

std::vector<Refusal> refusals(Node root, bool is_global) {
  return Check().of_file(root, is_global);
}

}  // namespace jackin::config
