// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/os/ownership.hpp"
#include "common/result.hpp"
#include "daemon/config/auth_mode.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/unknown_keys.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::config {

/// The variable of the older pair.
inline constexpr std::string_view token_variable = "CLAUDE_CODE_OAUTH_TOKEN";

/// How a token is configured.
enum class SlotForm {
  none,
  canonical,   ///< `oauth_token` in `[claude]`.
  older_pair,  ///< `auth_forward = "oauth_token"` and CLAUDE_CODE_OAUTH_TOKEN in an `[env]`.
};

/// "none", "canonical", "older_pair".
std::string_view to_string(SlotForm form);

/// CLAUDE_CODE_OAUTH_TOKEN as it stands in an `[env]`.
struct EnvEntry {
  secrets::CredentialSource source;
  bool on_demand = false;  ///< jackin gives it to whom asks for it in the container, not to a launch.
  friend bool operator==(const EnvEntry&, const EnvEntry&) = default;
};

/// The keys of one layer that are jackind's to read and change; also what an edit is asked to bring about. A value.
struct AuthKeys {
  std::optional<AuthMode> auth_forward;           ///< `[claude] auth_forward`
  std::optional<secrets::CredentialSource> slot;  ///< `[claude] oauth_token`
  std::optional<EnvEntry> env_entry;              ///< `[env] CLAUDE_CODE_OAUTH_TOKEN`

  friend bool operator==(const AuthKeys&, const AuthKeys&) = default;

  /// The slot and nothing beside it: what setup writes.
  static AuthKeys canonical(secrets::CredentialSource source);
  /// The older pair, for jackin versions that refuse the slot. Ask `fits_older_pair` first.
  static AuthKeys older_pair(secrets::CredentialSource source);
  /// No token, mode `ignore`: what revoke writes.
  static AuthKeys revoked();

  /// The mode that this layer decides; nothing when it leaves that to the next. Another mode's `auth_forward` beats the
  /// slot.
  std::optional<AuthMode> mode() const;
  /// The form of the token at this layer alone, whatever the mode.
  SlotForm form() const;
  /// The source of the token at this layer alone: the slot's, else that of the older pair's entry when it is for
  /// launch.
  const secrets::CredentialSource* source() const;
};

/// Whether `source` can be said in the older pair: 1Password, a variable, or the token itself.
bool fits_older_pair(const secrets::CredentialSource& source);

/// What stands at one layer.
struct LayerAuth {
  AuthKeys keys;
  Place auth_forward_place;  ///< Of its value, when there is one.
  Place slot_place;          ///< Of the value of `oauth_token`, when there is one.
  Place env_entry_place;     ///< Of the value of CLAUDE_CODE_OAUTH_TOKEN, when there is one.
  std::vector<UnknownKey> unknown_keys;
  std::optional<std::string> sync_source_dir;  ///< As written.
  bool has_claude_table = false;
  Place claude_place;               ///< Of that table.
  std::string name;                 ///< How messages call its file.
  std::filesystem::path file;       ///< The layer's file.
  bool file_exists = false;         ///< Always true for what a Configuration returns, but for the global layer.
  bool readable_by_others = false;  ///< The file's mode has group or other bits.
  os::Ownership ownership;          ///< Of the file when it was read.
};

/// Reads one layer out of `table`: a file's top level, or a role's table in a workspace file. `name` is the file's in
/// errors. config_invalid, with the place and without the value, when one of the keys has a form that it cannot have.
/// Keys that are not jackind's are not looked at. `file` and what follows are left unset.
Result<LayerAuth> read_layer(Node table, std::string_view name);

/// Reads `env` out of `table` alone, as `read_layer` does.
Result<LayerAuth> read_env_layer(Node table, std::string_view name);

/// A short hexadecimal digest of mode and source, to tell one configuration from another. Equal for equal sources; a
/// literal goes in by its own digest, a command with the file that names it: who can write that decides whether it is
/// run.
std::string content_key(AuthMode mode, const secrets::CredentialSource* source, const std::filesystem::path& file);

}  // namespace jackin::config
