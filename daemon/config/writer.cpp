// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/writer.hpp"

#include "common/os/private_files.hpp"

#include <system_error>
#include <utility>
#include <variant>

#include "common/presence.hpp"
#include "common/scope.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/edit.hpp"
#include "daemon/config/replace_file.hpp"
#include "daemon/config/slots_writer.hpp"
#include "daemon/config/text_file.hpp"

namespace jackin::config {
namespace fs = std::filesystem;

namespace {

constexpr mode_t private_mode = 0600;

bool holds_token(const AuthKeys& keys) {
  const auto is_literal = [](const secrets::CredentialSource& source) {
    return std::holds_alternative<secrets::LiteralSource>(source);
  };
  // An external source is not in jackin's file.
  return (keys.slot && is_literal(*keys.slot)) || (keys.env_entry && is_literal(keys.env_entry->source));
}

std::string slot_spelling(const LayerInFile& layer, const AuthKeys& keys) {
  if (keys.slot) return "[" + layer.table("claude") + "] oauth_token";
  if (keys.env_entry) return "[" + layer.table("env") + "] " + std::string(token_variable);
  return "[" + layer.table("claude") + "] auth_forward";
}

// The source in jackind-slots.toml. Another one than `source()`, when a slot stands beside the variable.
const secrets::CredentialSource* external_source(const AuthKeys& keys) {
  return keys.env_entry && keys.env_entry->external ? &*keys.env_entry->external : nullptr;
}

Error unknown_workspace(const Scope& scope, const Paths& paths) {
  return {Reason::unknown_workspace, no_workspace(scope.workspace_name(), file_of(scope, paths), paths),
          Remedy::of(RemedyAction::create_workspace, scope)};
}

Error conflict(const std::string& name, const Scope& scope) {
  return {Reason::config_conflict,
          "another program changed the Claude login of " + printable(scope.str(), 120) + " in " + name +
              " at the same time; jackind kept that change",
          Remedy::check(scope)};
}

Result<> check(const SlotChange& change) {
  if (!change.create_for) return {};
  if (change.scope.is_global()) return failure(Reason::invalid_argument, "only a workspace has a folder");
  if (!change.create_for->is_absolute()) {
    return failure(Reason::invalid_argument, "the folder of a workspace must be an absolute path");
  }
  return {};
}

// The file's present text, or the initial text of a new one.
Result<Secret> starting_text(TextFile& text, const SlotChange& change, const Paths& paths) {
  if (text.stamp.exists) return std::move(text.text);
  if (change.scope.is_global()) return Secret();
  if (!change.create_for) return failure(unknown_workspace(change.scope, paths));
  return new_workspace_text(change.create_for->string());
}

Result<AuthKeys> keys_in(std::string_view text, const std::string& name, const LayerInFile& layer) {
  TRY(const Document document, Document::parse(text, name));
  return keys_of_layer(document, layer, name);
}

// Where the layer of a scope is.
struct LayerPlace {
  fs::path file;
  bool exists = false;
  LayerInFile layer;
};

// The workspace's own file, also when it cannot be read; without one, its table in config.toml, if there is one.
// Errors: those of config.toml, which hides a table while it is broken.
Result<LayerPlace> place_of(const Paths& paths, const Scope& scope) {
  LayerPlace place{file_of(scope, paths), true, {scope.role_name(), {}}};
  if (scope.is_global()) return place;
  const auto stamp = stamp_of(place.file.native(), paths);
  place.exists = !stamp || stamp->exists;
  if (place.exists) return place;
  const std::string name = name_of(paths.config_file(), paths);
  TRY(const TextFile global, read_text_file(paths.config_file(), name));
  TRY(const Document document, Document::parse(global.text.view(), name));
  if (!document.root()["workspaces"][scope.workspace_name()].is(Node::Kind::table)) return place;
  return LayerPlace{paths.config_file(), true, {scope.role_name(), scope.workspace_name()}};
}

class Writing {
 public:
  Writing(const Paths& paths, const SlotChange& change) : paths_(paths), change_(change) {}

  // The outcome when no change is needed.
  Result<std::optional<WrittenSlot>> unchanged() {
    TRY(const State now, read_state());
    if (!is_as_wanted(now)) return std::nullopt;
    return outcome(now);
  }

  // Nothing when the file changed between the read and the replacement: the caller retries.
  Result<std::optional<WrittenSlot>> attempt() {
    TRY(const State now, read_state());
    WrittenSlot written = outcome(now);
    if (is_as_wanted(now)) return written;
    if (!is_expected(now)) return failure(conflict(name_, change_.scope));
    if (auto* const variable = open_variable()) {
      if (entry_before_) {
        *variable = entry_before_->variable;
      } else {
        TRY(*variable, variable_for(paths_, change_.scope, now.keys.variable()));
      }
    }
    TRY(const Secret after, edited(now.text.view(), name_, layer_, wanted_));
    if (!now.stamp.exists) {
      TRY(make_folder(now.target.parent_path()));
    }
    const auto* const external = external_source(wanted_);
    if (external != nullptr) {
      if (!entry_before_) {
        AuthKeys before = wanted_.in_jackins_file();
        TRY(read_external_source(before, paths_));
        entry_before_ = EntryBefore{*wanted_.variable(), before.env_entry->external};
      }
      TRY(write_external_slot(paths_, *wanted_.variable(), external));
    }
    written.changed = true;
    // A rotation of an external slot changes only its entry.
    if (now.stamp.exists && after.same_as(now.text) && mode_for(now) == now.stamp.mode) return written;
    const auto replaced = replace_file(now.target, after.view(), mode_for(now), [&] {
      const auto current = stamp_of(now.target.native(), paths_);
      return current && *current == now.stamp;
    });
    if (!replaced) return failure(replaced.error());
    if (!*replaced) return std::nullopt;
    if (const auto* const old = now.keys.variable()) remove_if_unnamed(*old);
    return written;
  }

  // After a failed write the entry is as before. If that fails, nothing uses it, or the scope's next write does.
  void put_back() const {
    if (!entry_before_) return;
    const auto& source = entry_before_->source;
    static_cast<void>(write_external_slot(paths_, entry_before_->variable, source ? &*source : nullptr));
  }

  const std::string& name() const { return name_; }

 private:
  // The present state.
  struct State {
    fs::path target;
    FileStamp stamp;
    Secret text;
    AuthKeys keys;
  };

  // jackin may move the layer out of config.toml at any time, so each read finds its place again.
  Result<State> read_state() {
    TRY(LayerPlace place, place_of(paths_, change_.scope));
    file_ = std::move(place.file);
    name_ = name_of(file_, paths_);
    layer_ = std::move(place.layer);
    State now;
    TRY(now.target, file_to_replace(file_, name_));
    TRY(TextFile read, read_text_file(now.target, name_));
    now.stamp = read.stamp;
    TRY(now.text, starting_text(read, change_, paths_));
    TRY(now.keys, keys_in(now.text.view(), name_, layer_));
    TRY(read_external_source(now.keys, paths_));
    wanted_ = change_.wanted;
    // A variable whose entry names the token already stays.
    const auto* const entry = external_source(now.keys);
    auto* const variable = open_variable();
    if (variable != nullptr && entry != nullptr && *entry == *external_source(wanted_))
      *variable = *now.keys.variable();
    return now;
  }

  // The variable of the wanted keys while it is not chosen.
  std::string* open_variable() {
    if (external_source(wanted_) == nullptr) return nullptr;
    auto* const variable = std::get_if<secrets::ClientEnvSource>(&wanted_.env_entry->source);
    return variable != nullptr && variable->name.empty() ? &variable->name : nullptr;
  }

  // An entry that is as wanted is no other program's: a scope that names the same variable was written before.
  bool is_expected(const State& now) const {
    if (now.keys == change_.before || now.keys == wanted_) return true;
    const auto* const external = external_source(wanted_);
    const auto* const entry = external_source(now.keys);
    return external != nullptr && entry != nullptr && *entry == *external &&
           now.keys.in_jackins_file() == change_.before.in_jackins_file();
  }

  // An entry that cannot be removed now is not used.
  void remove_if_unnamed(const std::string& variable) const {
    if (!may_be_named(paths_, variable)) static_cast<void>(write_external_slot(paths_, variable, nullptr));
  }

  mode_t mode_for(const State& now) const {
    return now.stamp.exists && !holds_token(wanted_) ? now.stamp.mode : private_mode;
  }

  bool is_as_wanted(const State& now) const {
    return now.stamp.exists && now.keys == wanted_ && mode_for(now) == now.stamp.mode;
  }

  WrittenSlot outcome(const State& now) const {
    return {file_, name_, slot_spelling(layer_, wanted_), !now.stamp.exists, false, style_of(wanted_)};
  }

  Result<> make_folder(const fs::path& folder) const {
    std::error_code error;
    if (fs::is_directory(folder, error)) return {};
    return os::make_private_folder(folder, paths_.home);
  }

  const Paths& paths_;
  const SlotChange& change_;
  AuthKeys wanted_;  // with the chosen variable
  struct EntryBefore {
    std::string variable;
    std::optional<secrets::CredentialSource> source;
  };
  std::optional<EntryBefore> entry_before_;  // once this write has changed the entry
  fs::path file_;
  std::string name_;
  LayerInFile layer_;
};

}  // namespace

AuthKeys wanted_keys(SlotStyle style, secrets::CredentialSource source, const std::string& variable) {
  switch (style) {
    case SlotStyle::canonical:
      break;
    case SlotStyle::bridge:
      return AuthKeys::older_pair(std::move(source));
    case SlotStyle::external:
      return AuthKeys::external(variable, std::move(source));
  }
  return AuthKeys::canonical(std::move(source));
}

SlotStyle style_of(const AuthKeys& keys) {
  switch (keys.form()) {
    case SlotForm::older_pair:
      return SlotStyle::bridge;
    case SlotForm::external:
      return SlotStyle::external;
    case SlotForm::none:
    case SlotForm::canonical:
      break;
  }
  return SlotStyle::canonical;
}

Result<> expect_writable(const Paths& paths, const Scope& scope, std::chrono::milliseconds lock_limit) {
  TRY(const LayerPlace place, place_of(paths, scope));
  const std::string name = name_of(place.file, paths);
  TRY(const fs::path target, file_to_replace(place.file, name));
  TRY(const TextFile read, read_text_file(target, name));
  TRY(const AuthKeys keys, keys_in(read.text.view(), name, place.layer));
  TRY(expect_replaceable(target));
  if (keys.variable() != nullptr) {
    TRY(expect_slots_writable(paths));
  }
  TRY(const bool has_lock, is_there(paths.config_lock()));
  if (!has_lock) return expect_replaceable(paths.config_lock());
  TRY(ConfigLock::acquire(paths, lock_limit));
  return {};
}

Result<WrittenSlot> write_slot(const Paths& paths, const SlotChange& change, std::chrono::milliseconds lock_limit) {
  TRY(check(change));
  TRY(const LayerPlace place, place_of(paths, change.scope));
  // Before the lock: a request for a missing workspace must not create a folder.
  if (!change.scope.is_global() && !change.create_for) {
    if (!place.exists) return failure(unknown_workspace(change.scope, paths));
    TRY(stamp_of(place.file.native(), paths));
  }
  Writing writing(paths, change);
  // A file that already has the wanted contents needs no lock.
  TRY(auto unchanged, writing.unchanged());
  if (unchanged) return std::move(*unchanged);
  TRY(const ConfigLock lock, ConfigLock::acquire(paths, lock_limit));
  // Editors do not take jackin's lock. The retries are limited, since an editor may save again and again.
  for (int attempt = 0; attempt < 5; ++attempt) {
    auto written = writing.attempt();
    if (!written) writing.put_back();
    TRY(auto outcome, std::move(written));
    if (outcome) return std::move(*outcome);
  }
  writing.put_back();
  return failure(Reason::config_conflict, "another program keeps writing " + writing.name(),
                 Remedy::try_again("when the editor that has it open is closed"));
}

}  // namespace jackin::config
