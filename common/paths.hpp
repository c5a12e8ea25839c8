// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

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
  /// The sources of tokens that jackin's files name by a variable.
  std::filesystem::path slots_file() const { return config_dir / "jackind-slots.toml"; }
  std::filesystem::path settings_file() const { return config_dir / "jackind.toml"; }
  std::filesystem::path database() const { return state_dir / "jackind.db"; }
  std::filesystem::path daemon_lock() const { return state_dir / "jackind.lock"; }
  std::filesystem::path log_dir() const { return state_dir / "log"; }
  std::filesystem::path tokens_dir() const { return data_dir / "tokens"; }
  std::filesystem::path earlier_database() const { return home_dir / "state" / "jackind.db"; }
  std::filesystem::path earlier_daemon_lock() const { return home_dir / "state" / "jackind.lock"; }
  std::filesystem::path earlier_tokens_dir() const { return home_dir / "secrets"; }
  /// Where jackin records the expiry of a workspace's token.
  std::filesystem::path jackin_expiry_stamp(const std::string& workspace) const {
    return home_dir / "cache" / "claude-token-expiry" / workspace;
  }
  std::filesystem::path socket() const { return runtime_dir / "jackind.sock"; }

  friend bool operator==(const Paths&, const Paths&) = default;
};

/// `~/rest` and `~` with `home` in place of the tilde; any other path unchanged.
std::filesystem::path expand_home(std::string_view path, const std::filesystem::path& home);
/// The reverse: a path below `home` as `~/rest`, for display.
std::string abbreviate_home(const std::filesystem::path& path, const std::filesystem::path& home);
/// The canonical spelling of `path` (absolute, or `~/rest`), for comparing paths: below `home` with the tilde, without
/// doubled slashes and `.`. Keeps `..`, because after a link `..` is not the lexical parent.
std::string one_spelling(std::string_view path, const std::filesystem::path& home);

}  // namespace jackin
