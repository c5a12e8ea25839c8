// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/auth_keys.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "common/fingerprint.hpp"
#include "common/untrusted_text.hpp"
#include "common/words.hpp"
#include "daemon/config/env_value.hpp"

namespace jackin::config {

using secrets::ClientEnvSource;
using secrets::CommandSource;
using secrets::CredentialSource;
using secrets::EnvSource;
using secrets::FileSource;
using secrets::LiteralSource;
using secrets::OpSource;
using secrets::OsStoreSource;

namespace {

CredentialSource literal(std::string_view token) {
  return LiteralSource{std::make_shared<const Secret>(Secret::copy_of(token))};
}

Result<std::string> string_member(const Member& member, std::string_view name) {
  if (!member.value.is(Node::Kind::string)) {
    return failure(invalid_at(name, member.value.place(), "'" + shown_key(member.key) + "' takes a string"));
  }
  return std::string(member.value.text());
}

// The one key that determines the kind of source of a slot's table.
constexpr std::array kinds{std::string_view("op"), std::string_view("os_store"), std::string_view("file"),
                           std::string_view("env"), std::string_view("command")};

Result<std::vector<std::string>> read_argv(Node node, std::string_view name) {
  std::vector<std::string> argv;
  for (const Node& word : node.elements()) {
    if (!word.is(Node::Kind::string)) return failure(invalid_at(name, word.place(), "'command' takes strings"));
    argv.emplace_back(word.text());
  }
  if (argv.empty() || argv.front().empty()) {
    return failure(invalid_at(name, node.place(), "'command' takes an array of strings, the program first"));
  }
  return argv;
}

Result<CredentialSource> read_slot_table(Node table, std::string_view name) {
  const auto members = table.members();
  const auto is_kind = [](const Member& member) {
    return std::find(kinds.begin(), kinds.end(), member.key) != kinds.end();
  };
  if (std::count_if(members.begin(), members.end(), is_kind) != 1) {
    return failure(invalid_at(name, table.place(),
                              "'oauth_token' takes exactly one of 'op', 'os_store', 'file', 'env' and 'command'"));
  }
  const std::string kind = std::find_if(members.begin(), members.end(), is_kind)->key;
  std::map<std::string, std::string, std::less<>> strings;
  std::vector<std::string> argv;
  for (const Member& member : members) {
    const bool belongs = member.key == kind || (member.key == "account" && (kind == "op" || kind == "os_store")) ||
                         (member.key == "path" && kind == "op");
    if (!belongs) {
      return failure(invalid_at(name, member.place, "'" + shown_key(member.key) + "' is not a key of '" + kind + "'"));
    }
    if (member.key == "command") {
      TRY(argv, read_argv(member.value, name));
    } else {
      TRY(strings[member.key], string_member(member, name));
    }
  }
  if (kind == "command") return CommandSource{std::move(argv)};
  const auto take = [&](std::string_view key) {
    const auto found = strings.find(key);
    return found == strings.end() ? std::string() : std::move(found->second);
  };
  std::string what = take(kind);
  if (what.empty()) return failure(invalid_at(name, table[kind].place(), "'" + kind + "' is empty"));
  if (kind == "op") return OpSource{std::move(what), take("path"), take("account")};
  if (kind == "file") return FileSource{std::move(what)};
  if (kind == "env") {
    if (!is_variable_name(what)) {
      return failure(invalid_at(name, table[kind].place(), "'env' takes the name of a variable"));
    }
    return EnvSource{std::move(what)};
  }
  OsStoreSource stored{std::move(what), take("account")};
  if (stored.account.empty()) return failure(invalid_at(name, table.place(), "'os_store' needs an 'account'"));
  return stored;
}

// jackin's own forms. Other keys of the table belong to jackin.
Result<EnvEntry> read_env_value(Node node, std::string_view name) {
  const auto wrong = [&] {
    std::string message(token_variable);
    message += " takes a string, { op = … } or { value = … }";
    return failure(invalid_at(name, node.place(), message));
  };
  if (node.is(Node::Kind::string)) return EnvEntry{env_value(node.text()), false};
  if (!node.is(Node::Kind::table)) return wrong();
  const bool on_demand = node["on_demand"].truth();
  if (node["op"].is(Node::Kind::string)) {
    const auto text_of = [&](std::string_view key) { return std::string(node[key].text()); };
    return EnvEntry{OpSource{text_of("op"), text_of("path"), text_of("account")}, on_demand};
  }
  if (node["value"].is(Node::Kind::string)) return EnvEntry{env_value(node["value"].text()), on_demand};
  return wrong();
}

Result<Node> table_member(Node table, std::string_view key, std::string_view name) {
  const Node member = table[key];
  if (member && !member.is(Node::Kind::table)) {
    return failure(invalid_at(name, member.place(), "'" + std::string(key) + "' takes a table"));
  }
  return member;
}

// Parts are joined with their lengths, so that two different sources never give the same text.
void join(std::string& text, std::string_view part) {
  text += std::to_string(part.size());
  text += ':';
  text += part;
}

struct Joined {
  std::string text;
  void operator()(const OpSource& op) { add({"op", op.reference, op.path, op.account}); }
  void operator()(const OsStoreSource& os) { add({"os_store", os.service, os.account}); }
  void operator()(const FileSource& file) { add({"file", file.path}); }
  void operator()(const EnvSource& env) { add({"env", env.name}); }
  void operator()(const ClientEnvSource& env) { add({"client-env", env.name}); }
  void operator()(const CommandSource& command) {
    add({"command"});
    for (const auto& word : command.argv) join(text, word);
  }
  void operator()(const LiteralSource& own) { add({"literal", own.token->digest().hex()}); }
  void add(std::initializer_list<std::string_view> parts) {
    for (const auto part : parts) join(text, part);
  }
};

}  // namespace

Result<CredentialSource> read_slot(Node node, std::string_view name) {
  if (node.is(Node::Kind::string)) return literal(node.text());
  if (node.is(Node::Kind::table)) return read_slot_table(node, name);
  return failure(invalid_at(name, node.place(), "'oauth_token' takes a string or a table that names a source"));
}

const CredentialSource* EnvEntry::token_source() const {
  if (external) return &*external;
  const auto* const variable = std::get_if<ClientEnvSource>(&source);
  return variable != nullptr && is_external_variable(variable->name) ? nullptr : &source;
}

AuthKeys AuthKeys::canonical(CredentialSource source) {
  return {std::nullopt, std::move(source), std::nullopt};
}

AuthKeys AuthKeys::older_pair(CredentialSource source) {
  // jackin refuses a reference without a path.
  auto* const op = std::get_if<OpSource>(&source);
  constexpr std::string_view scheme = "op://";
  if (op != nullptr && op->path.empty() && op->reference.starts_with(scheme)) {
    op->path = op->reference.substr(scheme.size());
  }
  return {AuthMode::oauth_token, std::nullopt, EnvEntry{std::move(source), false}};
}

AuthKeys AuthKeys::external(std::string variable, CredentialSource source) {
  return {AuthMode::oauth_token, std::nullopt,
          EnvEntry{ClientEnvSource{std::move(variable)}, false, std::move(source)}};
}

AuthKeys AuthKeys::revoked() {
  return {AuthMode::ignore, std::nullopt, std::nullopt};
}

std::optional<AuthMode> AuthKeys::mode() const {
  if (auth_forward) return auth_forward;
  if (slot) return AuthMode::oauth_token;
  return std::nullopt;
}

AuthKeys AuthKeys::in_jackins_file() const {
  AuthKeys keys = *this;
  if (keys.env_entry) keys.env_entry->external.reset();
  return keys;
}

const std::string* AuthKeys::variable() const {
  const auto* const named = env_entry ? std::get_if<ClientEnvSource>(&env_entry->source) : nullptr;
  return named != nullptr && (env_entry->external || is_external_variable(named->name)) ? &named->name : nullptr;
}

std::vector<CredentialSource> AuthKeys::sources() const {
  std::vector<CredentialSource> all;
  if (slot) all.push_back(*slot);
  const auto* const in_env = env_entry ? env_entry->token_source() : nullptr;
  if (in_env != nullptr) all.push_back(*in_env);
  return all;
}

SlotForm AuthKeys::form() const {
  if (slot) return SlotForm::canonical;
  if (!env_entry || env_entry->on_demand || env_entry->token_source() == nullptr) return SlotForm::none;
  return env_entry->external ? SlotForm::external : SlotForm::older_pair;
}

const CredentialSource* AuthKeys::source() const {
  if (slot) return &*slot;
  return env_entry && !env_entry->on_demand ? env_entry->token_source() : nullptr;
}

std::optional<AuthMode> LayerAuth::mode() const {
  const auto by_keys = keys.mode();
  return !by_keys && has_claude_table ? std::optional(AuthMode::sync) : by_keys;
}

bool fits_older_pair(const CredentialSource& source) {
  return std::holds_alternative<OpSource>(source) || std::holds_alternative<ClientEnvSource>(source) ||
         std::holds_alternative<LiteralSource>(source);
}

Result<LayerAuth> read_env_layer(Node table, std::string_view name) {
  LayerAuth layer;
  layer.name = std::string(name);
  TRY(const Node env, table_member(table, "env", name));
  if (const Node value = env[token_variable]) {
    TRY(layer.keys.env_entry, read_env_value(value, name));
    layer.env_entry_place = value.place();
  }
  return layer;
}

std::string older_op_account(Node root) {
  constexpr std::array versions{std::string_view("v1alpha1"), std::string_view("v1alpha2"),
                                std::string_view("v1alpha3"), std::string_view("v1alpha4")};
  const Node version = root["version"];
  const bool is_older = !version || std::find(versions.begin(), versions.end(), version.text()) != versions.end();
  return is_older ? std::string(root["op_account"].text()) : std::string();
}

Result<LayerAuth> read_layer(Node table, std::string_view name, const std::string& op_account) {
  TRY(LayerAuth layer, read_env_layer(table, name));
  auto* const op = layer.keys.env_entry ? std::get_if<OpSource>(&layer.keys.env_entry->source) : nullptr;
  if (op != nullptr && op->account.empty()) op->account = op_account;
  TRY(const Node claude, table_member(table, "claude", name));
  layer.has_claude_table = static_cast<bool>(claude);
  layer.claude_place = claude.place();
  if (const Node mode = claude["auth_forward"]) {
    layer.keys.auth_forward = from_word<AuthMode>(mode.text());
    layer.auth_forward_place = mode.place();
    if (!layer.keys.auth_forward) {
      return failure(
          invalid_at(name, mode.place(), "'auth_forward' takes \"sync\", \"api_key\", \"oauth_token\" or \"ignore\""));
    }
  }
  if (const Node slot = claude["oauth_token"]) {
    TRY(layer.keys.slot, read_slot(slot, name));
    layer.slot_place = slot.place();
  }
  if (const Node folder = claude["sync_source_dir"]) {
    if (!folder.is(Node::Kind::string)) {
      return failure(invalid_at(name, folder.place(), "'sync_source_dir' takes a string"));
    }
    layer.sync_source_dir = std::string(folder.text());
  }
  layer.unknown_keys = unknown_keys(table, name);
  return layer;
}

std::string content_key(AuthMode mode, const CredentialSource* source, const std::filesystem::path& file) {
  Joined joined;
  join(joined.text, word_of(mode));
  if (source != nullptr) std::visit(joined, *source);
  if (source != nullptr && std::holds_alternative<CommandSource>(*source)) join(joined.text, file.native());
  return Digest::of(joined.text).hex().substr(0, 16);
}

}  // namespace jackin::config
