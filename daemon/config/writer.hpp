// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "common/paths.hpp"
#include "common/result.hpp"
#include "common/scope.hpp"
#include "daemon/config/auth_keys.hpp"
#include "daemon/config/config_lock.hpp"

namespace jackin::config {

/// How a token is written down.
enum class SlotStyle {
  canonical,  ///< The slot.
  bridge,     ///< The older pair, which released jackin versions read.
};

/// What setup and rotate want at a scope's layer: `source` in that style.
AuthKeys wanted_keys(SlotStyle style, secrets::CredentialSource source);

/// One change of one scope's own layer.
struct SlotChange {
  Scope scope;
  AuthKeys wanted;
  /// What the layer's keys were when it was decided to change them (`Configuration::layer`).
  AuthKeys before;
  /// The workspace may be made: its folder, absolute. Not for the global scope.
  std::optional<std::filesystem::path> create_for;
};

/// What was written, and where.
struct WrittenSlot {
  std::filesystem::path file;  ///< As it is named; a link is not resolved.
  std::string file_name;       ///< Relative to the configuration folder: "workspaces/my-app.toml".
  std::string slot;            ///< "[claude] oauth_token", "[env] CLAUDE_CODE_OAUTH_TOKEN", "[claude] auth_forward".
  bool created = false;        ///< The file was not there before.
  bool changed = false;        ///< False when everything was so already.
};

/// Whether the scope's file could be written, as far as that can be seen without doing it: it is TOML, may be replaced,
/// and the lock can be had. Errors: config_locked, naming the holder; config_invalid, config_unreadable;
/// permission_denied, io_failed. Blocking, up to `patience` for the lock; safe from any thread.
Result<> expect_writable(const Paths& paths, const Scope& scope, std::chrono::milliseconds lock_limit = lock_wait);

/// Brings a scope's own layer to `change.wanted`, under jackin's lock: reads the file again, makes the edit to the
/// newest text, and puts it in place in one step. Whatever else somebody changed meanwhile is kept.
///
/// The file's mode is kept; a file that gets the token itself, and a new one, is 0600. A link is resolved and what it
/// points to replaced. config.toml is made when it is missing; a workspace's file only with `create_for`.
///
/// Errors: config_conflict, when the layer's keys are neither `before` nor already `wanted`; unknown_workspace;
/// config_locked, naming the holder; config_invalid, config_unreadable; unsupported, when the older pair cannot name
/// the source; invalid_argument; permission_denied, disk_full, io_failed. On any error the file is as it was. Blocking,
/// up to `patience` for the lock: for a pool, never the daemon's thread. Safe from any thread.
Result<WrittenSlot> write_slot(const Paths& paths, const SlotChange& change,
                               std::chrono::milliseconds lock_limit = lock_wait);

}  // namespace jackin::config
