// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/edit.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "common/untrusted_text.hpp"
#include "common/words.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/edit_text.hpp"
#include "daemon/config/external_slots.hpp"
#include "daemon/config/toml_text.hpp"

namespace jackin::config {
namespace {

constexpr std::string_view auth_forward_key = "auth_forward";
constexpr std::string_view slot_key = "oauth_token";

// The path of the layer's table.
KeyNames path_of(const LayerInFile& layer) {
  KeyNames path;
  if (!layer.workspace.empty()) path = {"workspaces", layer.workspace};
  if (!layer.role.empty()) path.insert(path.end(), {"roles", layer.role});
  return path;
}

KeyNames path_of(const LayerInFile& layer, std::string_view table, std::string_view key) {
  KeyNames path = path_of(layer);
  path.emplace_back(table);
  path.emplace_back(key);
  return path;
}

// The keys of one layer, with their paths.
struct Keys {
  KeyNames auth_forward;
  KeyNames slot;
  KeyNames env_entry;

  explicit Keys(const LayerInFile& layer)
      : auth_forward(path_of(layer, "claude", auth_forward_key)),
        slot(path_of(layer, "claude", slot_key)),
        env_entry(path_of(layer, "env", token_variable)) {}
};

Result<Node> table_of(Node root, const LayerInFile& layer, std::string_view name) {
  Node table = root;
  for (const std::string& key : path_of(layer)) {
    table = table[key];
    if (table && !table.is(Node::Kind::table)) {
      return failure(invalid_at(name, table.place(), "'" + printable(key, 60) + "' takes a table"));
    }
  }
  return table;
}

Result<LayerAuth> read(const Document& document, const LayerInFile& layer, std::string_view name) {
  TRY(const Node table, table_of(document.root(), layer, name));
  const Node file = layer.workspace.empty() ? document.root() : document.root()["workspaces"][layer.workspace];
  return read_layer(table, name, older_op_account(file));
}

// Whether two trees are equal except for the edited keys. An empty table on the path to such a key counts as missing.
class Comparison {
 public:
  explicit Comparison(std::vector<KeyNames> owned) : owned_(std::move(owned)) {}

  bool same(Node a, Node b) {
    if (std::find(owned_.begin(), owned_.end(), path_) != owned_.end()) return true;
    if (!is_on_the_way()) return Node::same(a, b);
    if ((a && !a.is(Node::Kind::table)) || (b && !b.is(Node::Kind::table))) return false;
    std::set<std::string> keys;
    for (const Node& node : {a, b}) {
      for (auto& member : node.members()) keys.insert(std::move(member.key));
    }
    return std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
      path_.push_back(key);
      const bool equal = same(a[key], b[key]);
      path_.pop_back();
      return equal;
    });
  }

 private:
  bool is_on_the_way() const {
    return std::any_of(owned_.begin(), owned_.end(), [&](const KeyNames& key) {
      return path_.size() < key.size() && std::equal(path_.begin(), path_.end(), key.begin());
    });
  }

  std::vector<KeyNames> owned_;
  KeyNames path_;
};

// An edit of one text, step by step.
class Edit {
 public:
  Edit(std::string_view text, const Keys& keys, const AuthKeys& now, const AuthKeys& wanted)
      : text_(text), keys_(keys), now_(now), wanted_(wanted) {}

  Result<Secret> run() {
    Secret mode;
    Secret slot;
    Secret entry;
    if (wanted_.auth_forward) {
      TRY(append_toml_string(mode, word_of(*wanted_.auth_forward)));
    }
    if (wanted_.slot) {
      TRY(append_slot_value(slot, *wanted_.slot));
    }
    if (wanted_.env_entry) {
      TRY(append_env_value(entry, *wanted_.env_entry));
    }

    // Removals come first, so that additions are placed according to the remaining keys.
    if (!wanted_.env_entry) change(keys_.env_entry, now_.env_entry, wanted_.env_entry, {});
    // When one key of [claude] replaces another, the new one takes its line.
    if (now_.auth_forward && !wanted_.auth_forward && wanted_.slot && !now_.slot) {
      step(text_.replace(keys_.auth_forward, slot_key, slot.view()));
    } else if (now_.slot && !wanted_.slot && wanted_.auth_forward && !now_.auth_forward) {
      step(text_.replace(keys_.slot, auth_forward_key, mode.view()));
    } else {
      change(keys_.auth_forward, now_.auth_forward, wanted_.auth_forward, mode.view());
      change(keys_.slot, now_.slot, wanted_.slot, slot.view());
    }
    if (wanted_.env_entry) change(keys_.env_entry, now_.env_entry, wanted_.env_entry, entry.view());
    if (failed_) return failure(Reason::internal, "jackind cannot edit the structure of this file");
    return std::move(text_).take();
  }

 private:
  void step(bool done) { failed_ = failed_ || !done; }

  template <typename Value>
  void change(const KeyNames& key, const std::optional<Value>& now, const std::optional<Value>& wanted,
              std::string_view value) {
    if (now == wanted) return;
    if (!wanted) {
      step(text_.remove(key));
    } else if (now) {
      step(text_.replace(key, key.back(), value));
    } else {
      step(text_.add(key, value));
    }
  }

  EditedText text_;
  const Keys& keys_;
  const AuthKeys& now_;
  const AuthKeys& wanted_;
  bool failed_ = false;
};

Error went_wrong(std::string_view name) {
  return {Reason::internal, "jackind cannot edit " + printable(name) + " in this form; nothing was changed",
          Remedy::try_again("with the [claude] table in it written as a section of its own")};
}

}  // namespace

std::string LayerInFile::table(std::string_view last) const {
  std::string text;
  for (const std::string& key : path_of(*this)) text += toml_key(key) + ".";
  return text + std::string(last);
}

Result<AuthKeys> keys_of_layer(const Document& document, const LayerInFile& layer, std::string_view name) {
  TRY(LayerAuth auth, read(document, layer, name));
  return std::move(auth.keys);
}

Result<Secret> edited(std::string_view text, std::string_view name, const LayerInFile& layer,
                      const AuthKeys& wanted_keys) {
  const Keys keys(layer);
  const AuthKeys wanted = wanted_keys.in_jackins_file();
  TRY(const Document before, Document::parse(text, name));
  TRY(const LayerAuth now, read(before, layer, name));
  if (now.keys == wanted) return Secret::copy_of(text);

  Edit edit(text, keys, now.keys, wanted);
  auto result = edit.run();
  if (!result) {
    return failure(result.error().reason == Reason::internal ? went_wrong(name) : std::move(result).error());
  }
  const auto after = Document::parse(result->view(), name);
  if (!after) return failure(went_wrong(name));
  const auto then = read(*after, layer, name);
  Comparison comparison({keys.auth_forward, keys.slot, keys.env_entry});
  if (!then || then->keys != wanted || !comparison.same(before.root(), after->root())) {
    return failure(went_wrong(name));
  }
  return result;
}

Result<Secret> edited_external_slots(std::string_view text, std::string_view name, const std::string& variable,
                                     const secrets::CredentialSource* source) {
  TRY(const Document before, Document::parse(text, name));
  TRY(const ExternalSlots now, read_external_slots(before.root(), name));
  const auto known = now.entries.find(variable);
  const bool is_there = known != now.entries.end();
  const bool is_same =
      source == nullptr ? !is_there : is_there && known->second.source && *known->second.source == *source;
  if (is_same) return Secret::copy_of(text);

  EditedText edit(text);
  const KeyNames table{"tokens", variable};
  const KeyNames key{"tokens", variable, std::string(slot_key)};
  bool done = false;
  if (source == nullptr) {
    done = edit.remove(table);
  } else {
    Secret value;
    TRY(append_slot_value(value, *source));
    done = is_there ? edit.replace(key, slot_key, value.view()) : edit.add(key, value.view());
  }
  Secret result = std::move(edit).take();
  const auto after = done ? Document::parse(result.view(), name) : Result<Document>(failure(went_wrong(name)));
  if (!after) return failure(went_wrong(name));
  TRY(const ExternalSlots then, read_external_slots(after->root(), name));
  const auto written = then.entries.find(variable);
  const bool is_as_wanted =
      source == nullptr ? written == then.entries.end()
                        : written != then.entries.end() && written->second.source && *written->second.source == *source;
  Comparison comparison({source == nullptr ? table : key});
  if (!is_as_wanted || !comparison.same(before.root(), after->root())) return failure(went_wrong(name));
  return result;
}

Result<Secret> new_workspace_text(std::string_view folder) {
  Secret text;
  for (const std::string_view piece : {"workdir = ", "\n\n[[mounts]]\nsrc = ", "\ndst = "}) {
    text.append(piece);
    TRY(append_toml_string(text, folder));
  }
  text.push_back('\n');
  return text;
}

}  // namespace jackin::config
