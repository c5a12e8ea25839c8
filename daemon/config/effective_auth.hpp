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

/// The layers that can decide, the most specific first.
enum class LayerKind {
  role,              ///< `[roles."<role>".claude]` in the workspace's file.
  workspace,         ///< `[claude]` in the workspace's file.
  global,            ///< `[claude]` in config.toml.
  built_in_default,  ///< No layer decides.
};

/// A valid part of the files that a reader may misunderstand.
struct Oddity {
  std::string code;        ///< Stable, e.g. "older_pair".
  std::string message;     ///< One sentence. Contains no value of the file.
  Remedy remedy;           ///< May be empty.
  bool warning = false;    ///< True: a warning; false: a remark.
  bool at_launch = false;  ///< A launch shows it, too.
};

/// The configuration that a launch of a scope would use. A value.
struct EffectiveAuth {
  Scope scope;
  AuthMode mode = AuthMode::sync;
  LayerKind decided_by = LayerKind::built_in_default;
  std::filesystem::path file;                       ///< The deciding layer's file; empty when no layer decided.
  std::optional<secrets::CredentialSource> source;  ///< Only in mode oauth_token; nothing when no token is configured.
  SlotForm form = SlotForm::none;                   ///< The form in which the source is written.
  LayerKind source_layer = LayerKind::built_in_default;  ///< The layer that contains the source, if any.
  std::filesystem::path source_file;                     ///< Its file, when there is one.
  os::Ownership source_ownership;                        ///< The ownership of that file when it was read.
  std::string source_name;                               ///< The name of that file in messages.
  Place source_place;                                    ///< The source's position in that file.
  /// The variable that jackin's files name for the token, which a launch sets: with an external source, or of jackind's
  /// own in another mode. Empty: none.
  std::string variable;
  bool env_gives_token = false;  ///< In another mode: an `[env]` has CLAUDE_CODE_OAUTH_TOKEN for the launch.
  std::optional<std::string> sync_source_dir;  ///< As written at the most specific layer that has one.
  std::vector<Oddity> oddities;
  /// The misspelt key that hides a layer's decision, so that a launch would use something else.
  std::optional<UnknownKey> misspelling;
  /// A short digest of mode and source (`content_key`). It changes exactly when the configuration of a launch changes.
  std::string key;
};

/// The layers of a scope as they were read; the first two are null for scopes that have none.
struct Layers {
  const LayerAuth* role = nullptr;
  const LayerAuth* workspace = nullptr;
  const LayerAuth* global = nullptr;          ///< Null when config.toml cannot be read.
  const LayerAuth* role_in_global = nullptr;  ///< The entry in `[roles."<role>".env]` of config.toml.
};

/// Whether the more specific layers leave a decision to the global one.
bool needs_global_layer(const Layers& layers);

/// Walks the layers, most specific first. At each layer an `auth_forward` of another mode takes precedence over the
/// slot, and the slot means mode oauth_token. A `[claude]` table with neither means sync. `auth_forward =
/// "oauth_token"` alone is the older pair. Its value comes from the `[env]`s, most specific first, and otherwise from a
/// less specific slot. A layer without `[claude]` leaves the decision to the next. Pure.
EffectiveAuth effective_auth(const Scope& scope, const Layers& layers);

}  // namespace jackin::config
