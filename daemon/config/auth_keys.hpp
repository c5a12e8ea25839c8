// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/auth_mode.hpp"
#include "common/claude.hpp"
#include "common/os/ownership.hpp"
#include "common/result.hpp"
#include "common/slot_style.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/unknown_keys.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::config {

/// How a token is configured.
enum class SlotForm {
  none,
  canonical,   ///< `oauth_token` in `[claude]`.
  older_pair,  ///< `auth_forward = "oauth_token"` and CLAUDE_CODE_OAUTH_TOKEN in an `[env]`.
  external,    ///< The same with the name of a variable, whose source is in jackind-slots.toml.
};

/// CLAUDE_CODE_OAUTH_TOKEN as written in an `[env]`.
struct EnvEntry {
  secrets::CredentialSource source;
  bool on_demand = false;  ///< jackin gives the value to a process in the container on request, not to the launch.
  std::optional<secrets::CredentialSource> external{};  ///< The source that jackind-slots.toml has for the variable.

  /// Where the token is: the external source, else that of the entry. Null for a variable of jackind's own that has no
  /// external source.
  const secrets::CredentialSource* token_source() const;

  friend bool operator==(const EnvEntry&, const EnvEntry&) = default;
};

/// The keys of one layer that jackind reads and changes; also the requested result of an edit. A value.
struct AuthKeys {
  std::optional<AuthMode> auth_forward;           ///< `[claude] auth_forward`
  std::optional<secrets::CredentialSource> slot;  ///< `[claude] oauth_token`
  std::optional<EnvEntry> env_entry;              ///< `[env] CLAUDE_CODE_OAUTH_TOKEN`

  friend bool operator==(const AuthKeys&, const AuthKeys&) = default;

  /// The slot alone: what setup writes.
  static AuthKeys canonical(secrets::CredentialSource source);
  /// The older pair, for jackin versions that reject the slot. Check `fits_older_pair` first.
  static AuthKeys older_pair(secrets::CredentialSource source);
  /// The pair that names `variable`, for a source in jackind-slots.toml.
  static AuthKeys external(std::string variable, secrets::CredentialSource source);
  /// No token, mode `ignore`: what revoke writes.
  static AuthKeys revoked();

  /// The mode that these keys decide, if any. An `auth_forward` of another mode takes precedence over the slot.
  std::optional<AuthMode> mode() const;
  /// The same as a file of jackin's has them: without the external source.
  AuthKeys in_jackins_file() const;
  /// The variable with an external source, or of jackind's own; null when there is none.
  const std::string* variable() const;
  /// Every source that the keys name, used or not.
  std::vector<secrets::CredentialSource> sources() const;

  /// The form of the token at this layer alone, independent of the mode.
  SlotForm form() const;
  /// The source of the token at this layer alone: the slot's; without a slot that of the older pair's entry, when it is
  /// for launch.
  const secrets::CredentialSource* source() const;
};

/// Whether the older pair can express `source`: 1Password, a variable of the launch's environment, or the token itself.
bool fits_older_pair(const secrets::CredentialSource& source);

/// The contents of one layer.
struct LayerAuth {
  AuthKeys keys;

  /// The mode that this layer decides; nothing when it leaves the decision to the next layer. A `[claude]` table
  /// without `auth_forward` and without a slot means sync (serde(default) of jackin's AgentAuthConfig).
  std::optional<AuthMode> mode() const;

  Place auth_forward_place;  ///< The position of its value, if any.
  Place slot_place;          ///< The position of the value of `oauth_token`, if any.
  Place env_entry_place;     ///< The position of the value of CLAUDE_CODE_OAUTH_TOKEN, if any.
  std::vector<UnknownKey> unknown_keys;
  std::optional<std::string> sync_source_dir;  ///< As written.
  bool has_claude_table = false;
  Place claude_place;               ///< The position of that table.
  std::string name;                 ///< The file's name in messages.
  std::filesystem::path file;       ///< The layer's file.
  bool file_exists = false;         ///< Always true in a Configuration's results, except for the global layer.
  bool readable_by_others = false;  ///< The file's mode has group or other bits.
  os::Ownership ownership;          ///< The file's ownership when it was read.
};

/// The account of the references in `[env]` that name none: `op_account` at the top level of a workspace file without
/// `version`, or with v1alpha1 to v1alpha4. Later versions of jackin ignore that key. Empty: none.
std::string older_op_account(Node root);

/// Reads one layer from `table`: a file's top level, or a role's table in a workspace file. `name` is the file's name
/// in errors, `op_account` the file's `older_op_account`. config_invalid, with the position and without the value, when
/// one of the keys has an invalid form. Ignores keys that jackind does not use. Leaves `file` and the members after it
/// unset.
Result<LayerAuth> read_layer(Node table, std::string_view name, const std::string& op_account);

/// Reads the value of `oauth_token`. Errors: as `read_layer`.
Result<secrets::CredentialSource> read_slot(Node node, std::string_view name);

/// Reads only `env` from `table`, as `read_layer` does.
Result<LayerAuth> read_env_layer(Node table, std::string_view name);

/// A short hexadecimal digest of mode and source, to detect a changed configuration. Equal for equal sources. A literal
/// contributes its own digest. A command contributes the file that names it: the owner of that file decides whether the
/// command runs.
std::string content_key(AuthMode mode, const secrets::CredentialSource* source, const std::filesystem::path& file);

}  // namespace jackin::config
