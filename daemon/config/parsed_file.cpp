// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/parsed_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <variant>

#include "common/claude.hpp"
#include "common/scope.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/auth_keys.hpp"
#include "daemon/config/env_value.hpp"

namespace jackin::config {
namespace {

using secrets::CredentialSource;

constexpr std::string_view token_key = "oauth_token";
constexpr std::array source_keys{std::string_view("op"),  std::string_view("os_store"), std::string_view("file"),
                                 std::string_view("env"), std::string_view("command"),  std::string_view("value")};

bool is_same_word(std::string_view one, std::string_view other) {
  const auto fold = [](char c) {
    return c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  };
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [&](char a, char b) { return fold(a) == fold(b); });
}

bool is_token_key(std::string_view key) {
  return is_same_word(key, token_key) || is_same_word(key, token_variable);
}

class Search {
 public:
  explicit Search(bool is_global) : is_global_(is_global) {}

  void visit(Node node) {
    if (node.is(Node::Kind::string)) return visit_text(node);
    const bool is_token = !keys_.empty() && is_token_key(keys_.back());
    const bool is_own = is_in_layer();
    if (!is_own) visit_value(node, is_token);
    for (const Member& member : node.members()) {
      // `visit_value` or `read_layer` has already read it.
      if (member.key == "op" && member.value.is(Node::Kind::string)) continue;
      keys_.push_back(member.key);
      visit(member.value);
      keys_.pop_back();
    }
    keys_.emplace_back();
    for (const Node& element : node.elements()) visit(element);
    keys_.pop_back();
  }

  std::vector<Mention> take() { return std::move(found_); }

 private:
  void add(Node node, std::optional<CredentialSource> source) {
    // Without a scope, no list of scopes contains the workspace.
    const bool is_inside = is_global_ && keys_.size() > 2 && keys_[0] == "workspaces" && is_of_layer(2, false) &&
                           Scope::workspace(keys_[1]);
    found_.push_back({node.place(), std::move(source), is_inside ? keys_[1] : std::string()});
  }

  void visit_text(Node node) {
    const std::string_view text = node.text();
    if (text.starts_with("op://")) add(node, secrets::OpSource{std::string(text), {}, {}});
    if (!text.starts_with('$') || is_of_layer(0, is_global_)) return;
    CredentialSource value = env_value(text);
    if (std::holds_alternative<secrets::ClientEnvSource>(value)) add(node, std::move(value));
  }

  void visit_value(Node node, bool is_token) {
    const auto text = [&](std::string_view key) { return std::string(node[key].text()); };
    if (node["op"].is(Node::Kind::string))
      return add(node, secrets::OpSource{text("op"), text("path"), text("account")});
    if (!is_token) return;
    if (node["os_store"].is(Node::Kind::string)) {
      return add(node, secrets::OsStoreSource{text("os_store"), text("account")});
    }
    if (node["file"].is(Node::Kind::string)) return add(node, secrets::FileSource{text("file")});
    const bool is_known = std::any_of(source_keys.begin(), source_keys.end(),
                                      [&](std::string_view key) { return static_cast<bool>(node[key]); });
    if (!is_known) add(node, std::nullopt);
  }

  // Whether `read_layer` reads the value at `keys_` for a scope.
  bool is_in_layer() const { return is_in_layer(0, is_global_); }

  // The same for the keys from `begin` on.
  bool is_in_layer(std::ptrdiff_t begin, bool is_global) const {
    auto first = keys_.begin() + begin;
    const bool has_role = !is_global && keys_.end() - first == 4 && first[0] == "roles" && Scope::role("any", first[1]);
    if (has_role) first += 2;
    if (keys_.end() - first != 2) return false;
    return (first[0] == "claude" && first[1] == token_key) || (first[0] == "env" && first[1] == token_variable);
  }

  // The same for the value or its `{ value = … }`.
  bool is_of_layer(std::ptrdiff_t begin, bool is_global) {
    if (is_in_layer(begin, is_global)) return true;
    if (keys_.empty() || keys_.back() != "value") return false;
    keys_.pop_back();
    const bool is_own = is_in_layer(begin, is_global);
    keys_.emplace_back("value");
    return is_own;
  }

  const bool is_global_;
  std::vector<std::string> keys_;
  std::vector<Mention> found_;
};

// Reads what the table of a file, or of a workspace in config.toml, has for launches.
template <typename Complete>
void read_layers(ParsedFile& file, Node root, const std::string& name, bool is_global, Complete complete) {
  const std::string op_account = older_op_account(root);
  file.top = read_layer(root, name, op_account);
  if (file.top) complete(*file.top);
  if (const Node workdir = root["workdir"]; workdir.is(Node::Kind::string)) file.workdir = std::string(workdir.text());
  const Node roles = root["roles"];
  file.is_jackins = root["version"] || (is_global && roles["agent-smith"]);
  if (roles && !roles.is(Node::Kind::table)) {
    file.top = failure(invalid_at(name, roles.place(), "'roles' takes a table"));
  }
  for (const Member& role : roles.members()) {
    if (!role.value.is(Node::Kind::table)) continue;
    if (is_global) {
      file.role_env.emplace(role.key, read_env_layer(role.value, name));
      continue;
    }
    auto layer = read_layer(role.value, name, op_account);
    if (layer) complete(*layer);
    file.roles.emplace(role.key, std::move(layer));
  }
}

}  // namespace

ReadFile read_parsed_file(const std::string& path, const Paths& paths, std::shared_ptr<const ParsedFile> known) {
  TRY(const FileStamp stamp, stamp_of(path, paths));
  if (known && known->stamp == stamp && (known->settled || !stamp.exists)) return known;

  const bool is_global = path == paths.config_file();
  const std::string name = name_of(path, paths);
  auto file = std::make_shared<ParsedFile>();
  file->path = path;
  auto text = read_text_file(path, name);
  if (!text) return failure(std::move(text).error());
  file->stamp = text->stamp;
  file->settled = text->settled;
  const auto place_of_file = [&](LayerAuth& layer) {
    layer.file = path;
    layer.file_exists = file->stamp.exists;
    layer.readable_by_others = file->stamp.readable_by_others();
    layer.ownership = text->ownership;
  };
  const auto document = Document::parse(text->text.view(), name, printable(abbreviate_home(path, paths.home)));
  if (!document) {
    file->error = document.error();
    return file;
  }
  if (path == paths.slots_file()) {
    auto slots = read_external_slots(document->root(), name);
    if (!slots) {
      file->error = slots.error();
      return file;
    }
    file->external_slots = *std::move(slots);
    file->external_slots.file = path;
    file->external_slots.readable_by_others = file->stamp.readable_by_others();
    file->external_slots.ownership = text->ownership;
    return file;
  }
  read_layers(*file, document->root(), name, is_global, place_of_file);
  file->mentions = mentions(document->root(), is_global);
  if (file->stamp.exists) file->refusals = refusals(document->root(), is_global);
  if (!is_global) return file;
  for (const Member& workspace : document->root()["workspaces"].members()) {
    if (!workspace.value.is(Node::Kind::table)) continue;
    auto inside = std::make_shared<ParsedFile>();
    inside->path = path;
    inside->stamp = file->stamp;
    read_layers(*inside, workspace.value, name, false, place_of_file);
    file->workspaces.emplace(workspace.key, std::move(inside));
  }
  return file;
}

std::vector<Mention> mentions(Node root, bool is_global) {
  Search search(is_global);
  search.visit(root);
  return search.take();
}

}  // namespace jackin::config
