// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/scope.hpp"
#include "daemon/config/auth_keys.hpp"

namespace jackin::config {

/// Where something is decided, the most specific first.
enum class LayerKind {
  role,              ///< `[roles."<role>".claude]` in the workspace's file.
  workspace,         ///< `[claude]` in the workspace's file.
  global,            ///< `[claude]` in config.toml.
  built_in_default,  ///< Nowhere.
};

/// "role", "workspace", "global", "built_in_default".
std::string_view to_string(LayerKind layer);

/// Something in the files that works, but not as a reader may expect.
struct Oddity {
  std::string code;      ///< Stable, e.g. "older_pair".
  std::string message;   ///< One sentence. No value of the file in it.
  std::string remedy;    ///< A command, or a short instruction; may be empty.
  bool warning = false;  ///< Worth a warning; else a remark.
};

/// What a launch of a scope would use. A value.
struct EffectiveAuth {
  Scope scope;
  AuthMode mode = AuthMode::sync;
  LayerKind decided_by = LayerKind::built_in_default;
  std::filesystem::path file;                            ///< The deciding layer's; empty when nothing decided.
  std::optional<secrets::CredentialSource> source;       ///< In mode oauth_token; nothing there: no token configured.
  SlotForm form = SlotForm::none;                        ///< How the source is written.
  LayerKind source_layer = LayerKind::built_in_default;  ///< Where the source is written, when there is one.
  std::filesystem::path source_file;                     ///< Its file, when there is one.
  os::Ownership source_ownership;                        ///< That file's, when it was read.
  std::string source_name;                               ///< How messages call that file.
  Place source_place;                                    ///< Where in it the source is written.
  std::optional<std::string> sync_source_dir;            ///< As written at the most specific layer that has one.
  std::vector<Oddity> oddities;
  /// The misspelt key that hides what a layer was to decide, so that a launch would use something else.
  std::optional<UnknownKey> misspelling;
  /// A short digest of mode and source (`content_key`): changes when, and only when, what a launch would use changes.
  std::string key;
};

/// The layers of a scope as they were read; the first two are nothing for scopes that have none.
struct Layers {
  const LayerAuth* role = nullptr;
  const LayerAuth* workspace = nullptr;
  const LayerAuth* global = nullptr;          ///< Nothing when config.toml cannot be read.
  const LayerAuth* role_in_global = nullptr;  ///< The entry in `[roles."<role>".env]` of config.toml.
};

/// Whether the more specific layers decide all that the global one could.
bool needs_global_layer(const Layers& layers);

/// Walks the layers, most specific first. At each: another mode's `auth_forward` wins over the slot; the slot means
/// mode oauth_token; `auth_forward = "oauth_token"` alone is the older pair, whose value comes from the `[env]`s, most
/// specific first, and failing those from a less specific slot. A layer that says neither leaves it to the next. Pure.
EffectiveAuth effective_auth(const Scope& scope, const Layers& layers);

}  // namespace jackin::config
