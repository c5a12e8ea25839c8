// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "common/paths.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "common/slot_style.hpp"
#include "daemon/config/auth_keys.hpp"
#include "daemon/config/config_lock.hpp"

namespace jackin::config {

using jackin::SlotStyle;

/// The keys that setup and rotate write at a scope's layer: `source` in that style. An external slot uses `variable`;
/// if it is empty, `write_slot` chooses one that no other scope uses (`variable_for`).
AuthKeys wanted_keys(SlotStyle style, secrets::CredentialSource source, const std::string& variable);

/// The style in which `keys` name a token.
SlotStyle style_of(const AuthKeys& keys);

/// One change of one scope's own layer.
struct SlotChange {
  Scope scope;
  AuthKeys wanted;
  /// The layer's keys when the change was decided (`Configuration::layer`).
  AuthKeys before;
  /// Allows creating the workspace: its folder, absolute. Not for the global scope.
  std::optional<std::filesystem::path> create_for;
};

/// The written slot and its file.
struct WrittenSlot {
  std::filesystem::path file;  ///< The path as named; a link is not resolved.
  std::string file_name;       ///< Relative to the configuration folder: "workspaces/my-app.toml".
  std::string slot;            ///< "[claude] oauth_token", "[env] CLAUDE_CODE_OAUTH_TOKEN", "[claude] auth_forward".
  bool created = false;        ///< The file did not exist before; jackind-slots.toml does not count.
  bool changed = false;        ///< False when the file already had the wanted contents.
  SlotStyle style = SlotStyle::canonical;
};

/// Whether the scope's file could be written, as far as can be checked without doing it: it is TOML, it may be
/// replaced, and the lock is available. Errors: config_locked, naming the holder; config_invalid, config_unreadable;
/// permission_denied, io_failed. Blocking, up to `patience` for the lock; safe from any thread.
Result<> expect_writable(const Paths& paths, const Scope& scope, std::chrono::milliseconds lock_limit = lock_wait);

/// Changes a scope's own layer to `change.wanted`, under jackin's lock. It reads the file again, edits the newest text,
/// and replaces the file atomically. It keeps all other changes that were made meanwhile.
///
/// An external source is written into jackind-slots.toml before jackin's file names its variable. The entry of a
/// variable that no file names any more is removed afterwards. A crash in between leaves an entry that nothing uses.
///
/// The file keeps its mode; a file that contains the token itself, and a new one, gets 0600. A link is resolved and its
/// target replaced. A missing config.toml is created; a workspace's file only with `create_for`.
///
/// Errors: config_conflict, when the layer's keys are neither `before` nor already `wanted`; unknown_workspace;
/// config_locked, naming the holder; config_invalid, config_unreadable; unsupported, when the older pair cannot name
/// the source; invalid_argument; permission_denied, disk_full, io_failed. On any error jackin's file is unchanged.
/// Blocking, up to `patience` for the lock: for a pool, never the daemon's thread. Safe from any thread.
Result<WrittenSlot> write_slot(const Paths& paths, const SlotChange& change,
                               std::chrono::milliseconds lock_limit = lock_wait);

}  // namespace jackin::config
