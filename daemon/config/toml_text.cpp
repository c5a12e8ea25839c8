// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/toml_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "common/untrusted_text.hpp"

namespace jackin::config {
namespace {

using secrets::ClientEnvSource;
using secrets::CommandSource;
using secrets::CredentialSource;
using secrets::EnvSource;
using secrets::FileSource;
using secrets::LiteralSource;
using secrets::OpSource;
using secrets::OsStoreSource;

// The length of the UTF-8 character at the start of `text`; 0 when there is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return 1;
  const std::size_t length = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and numbers beyond Unicode.
  if (byte(0) == 0xe0 && byte(1) < 0xa0) return 0;
  if (byte(0) == 0xed && byte(1) > 0x9f) return 0;
  if (byte(0) == 0xf0 && byte(1) < 0x90) return 0;
  if (byte(0) == 0xf4 && byte(1) > 0x8f) return 0;
  return length;
}

void append_escaped(Secret& out, char c) {
  switch (c) {
    case '"':
      out.append("\\\"");
      return;
    case '\\':
      out.append("\\\\");
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    default:
      break;
  }
  std::array<char, 8> code{};
  std::snprintf(code.data(), code.size(), "\\u%04X", static_cast<unsigned>(static_cast<unsigned char>(c)));
  out.append(code.data());
}

bool needs_escape(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// `{ a = "x", b = "y" }`; omits empty members except the first.
Result<> append_table(Secret& out, std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  out.append("{ ");
  bool first = true;
  for (const auto& [key, value] : members) {
    if (!first && value.empty()) continue;
    if (!first) out.append(", ");
    out.append(key);
    out.append(" = ");
    TRY(append_toml_string(out, value));
    first = false;
  }
  out.append(" }");
  return {};
}

Result<> append_command(Secret& out, const CommandSource& command) {
  out.append("{ command = [");
  bool first = true;
  for (const auto& word : command.argv) {
    if (!first) out.append(", ");
    TRY(append_toml_string(out, word));
    first = false;
  }
  out.append("] }");
  return {};
}

struct SlotWriter {
  Secret& out;
  Result<> operator()(const OpSource& op) const {
    return append_table(out, {{"op", op.reference}, {"path", op.path}, {"account", op.account}});
  }
  Result<> operator()(const OsStoreSource& os) const {
    return append_table(out, {{"os_store", os.service}, {"account", os.account}});
  }
  Result<> operator()(const FileSource& file) const { return append_table(out, {{"file", file.path}}); }
  Result<> operator()(const EnvSource& env) const { return append_table(out, {{"env", env.name}}); }
  Result<> operator()(const CommandSource& command) const { return append_command(out, command); }
  Result<> operator()(const LiteralSource& literal) const { return append_toml_string(out, literal.token->view()); }
  Result<> operator()(const ClientEnvSource& env) const {
    return failure(Reason::unsupported,
                   "oauth_token cannot name the variable $" + printable(env.name) + " of a launch's environment");
  }
};

Result<> append_on_demand(Secret& out, std::string_view value) {
  out.append("{ value = ");
  TRY(append_toml_string(out, value));
  out.append(", on_demand = true }");
  return {};
}

}  // namespace

Result<> append_toml_string(Secret& out, std::string_view text) {
  out.prepare(text.size() + 2);
  out.push_back('"');
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) {
      return failure(Reason::invalid_argument, "a configuration file cannot contain a value that is not UTF-8");
    }
    if (needs_escape(text.front())) {
      append_escaped(out, text.front());
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  out.push_back('"');
  return {};
}

std::string toml_key(std::string_view name) {
  if (!name.empty() && std::all_of(name.begin(), name.end(), is_bare)) return std::string(name);
  Secret quoted;
  if (!append_toml_string(quoted, name)) return "\"\"";
  return std::string(quoted.view());
}

Result<> append_slot_value(Secret& out, const CredentialSource& source) {
  return std::visit(SlotWriter{out}, source);
}

Result<> append_env_value(Secret& out, const EnvEntry& entry) {
  if (const auto* op = std::get_if<OpSource>(&entry.source)) {
    TRY(append_table(out, {{"op", op->reference}, {"path", op->path}, {"account", op->account}}));
    if (entry.on_demand) {
      out.truncate(out.size() - std::string_view(" }").size());
      out.append(", on_demand = true }");
    }
    return {};
  } else if (const auto* env = std::get_if<ClientEnvSource>(&entry.source)) {
    const std::string reference = "$" + env->name;
    return entry.on_demand ? append_on_demand(out, reference) : append_toml_string(out, reference);
  } else if (const auto* literal = std::get_if<LiteralSource>(&entry.source)) {
    return entry.on_demand ? append_on_demand(out, literal->token->view())
                           : append_toml_string(out, literal->token->view());
  }
  return failure(
      Reason::unsupported,
      "the older form of the configuration, which released jackin versions read, cannot name this token's source",
      Remedy::try_again("with style = \"canonical\" in [slot] of jackind.toml"));
}

}  // namespace jackin::config
