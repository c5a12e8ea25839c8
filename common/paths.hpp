// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/environment.hpp"
#include "common/result.hpp"

namespace jackin {

/// The folders and files of jackind. Every client and the daemon compute them in the same way. A value.
struct Paths {
  std::filesystem::path home;         ///< The user's home folder.
  std::filesystem::path config_dir;   ///< Folder of jackin's configuration: config.toml, workspaces/, jackind.toml.
  std::filesystem::path state_dir;    ///< The daemon's own files: database, lock, log/.
  std::filesystem::path data_dir;     ///< The files of the file store: tokens/.
  std::filesystem::path runtime_dir;  ///< The folder of the socket; a running daemon may listen elsewhere.
  std::filesystem::path home_dir;     ///< jackin's folder, where earlier versions kept state and tokens.

  std::filesystem::path config_file() const { return config_dir / "config.toml"; }
  std::filesystem::path workspaces_dir() const { return config_dir / "workspaces"; }
  std::filesystem::path config_lock() const { return config_dir / "config.lock"; }
  std::filesystem::path settings_file() const { return config_dir / "jackind.toml"; }
  std::filesystem::path database() const { return state_dir / "jackind.db"; }
  std::filesystem::path daemon_lock() const { return state_dir / "jackind.lock"; }
  std::filesystem::path log_dir() const { return state_dir / "log"; }
  std::filesystem::path tokens_dir() const { return data_dir / "tokens"; }
  std::filesystem::path earlier_database() const { return home_dir / "state" / "jackind.db"; }
  std::filesystem::path earlier_daemon_lock() const { return home_dir / "state" / "jackind.lock"; }
  std::filesystem::path earlier_tokens_dir() const { return home_dir / "secrets"; }
  std::filesystem::path socket() const { return runtime_dir / "jackind.sock"; }

  friend bool operator==(const Paths&, const Paths&) = default;
};

/// Folders from the command line. Each overrides the environment.
struct PathOptions {
  std::optional<std::filesystem::path> config_dir;
  std::optional<std::filesystem::path> state_dir;
  std::optional<std::filesystem::path> data_dir;
  std::optional<std::filesystem::path> runtime_dir;
  std::optional<std::filesystem::path> home_dir;
};

/// Computes the folders from `environment` and `options`. Reads HOME, else the user database; JACKIN_CONFIG_DIR,
/// JACKIND_STATE_DIR, JACKIND_DATA_DIR, JACKIN_RUNTIME_DIR, JACKIN_HOME_DIR; XDG_STATE_HOME, XDG_DATA_HOME (not on
/// macOS, where launchd never sets them) and XDG_RUNTIME_DIR. A relative XDG variable counts as unset (XDG Base
/// Directory Specification). So does an XDG_RUNTIME_DIR that is not a folder of this user: `su` keeps the previous
/// user's variable. Creates nothing. Blocking: checks the home and the runtime folder. Errors: invalid_argument (a
/// folder is not absolute, no home folder), permission_denied (root with the home folder of another user, where root's
/// files would lock that user out).
Result<Paths> find_paths(const Environment& environment, const PathOptions& options = {});

/// `~/rest` and `~` with `home` in place of the tilde; any other path unchanged.
std::filesystem::path expand_home(std::string_view path, const std::filesystem::path& home);
/// The reverse: a path below `home` as `~/rest`, for display.
std::string abbreviate_home(const std::filesystem::path& path, const std::filesystem::path& home);
/// The canonical spelling of `path` (absolute, or `~/rest`), for comparing paths: below `home` with the tilde, without
/// doubled slashes and `.`. Keeps `..`, because behind a link it does not lead to the lexical parent.
std::string one_spelling(std::string_view path, const std::filesystem::path& home);

/// The folder of the running program's own binary, links resolved. Empty when the operating system does not provide it.
std::filesystem::path own_program_dir();

}  // namespace jackin
