#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/environment.hpp"
#include "common/result.hpp"

namespace jackin {

/// Where jackind keeps and finds things; every client and the daemon work it out the same way. A value.
struct Paths {
  std::filesystem::path home;         ///< The person's home folder.
  std::filesystem::path config_dir;   ///< jackin's configuration: config.toml, workspaces/, jackind.toml.
  std::filesystem::path home_dir;     ///< jackin's state: state/, secrets/, log/.
  std::filesystem::path runtime_dir;  ///< The folder that holds the socket.

  std::filesystem::path config_file() const { return config_dir / "config.toml"; }
  std::filesystem::path workspaces_dir() const { return config_dir / "workspaces"; }
  std::filesystem::path config_lock() const { return config_dir / "config.lock"; }
  std::filesystem::path settings_file() const { return config_dir / "jackind.toml"; }
  std::filesystem::path state_dir() const { return home_dir / "state"; }
  std::filesystem::path database() const { return state_dir() / "jackind.db"; }
  std::filesystem::path daemon_lock() const { return state_dir() / "jackind.lock"; }
  std::filesystem::path secrets_dir() const { return home_dir / "secrets"; }
  std::filesystem::path log_dir() const { return home_dir / "log"; }
  std::filesystem::path socket() const { return runtime_dir / "jackind.sock"; }

  friend bool operator==(const Paths&, const Paths&) = default;
};

/// What the command line says about the folders; each beats the environment.
struct PathOptions {
  std::optional<std::filesystem::path> config_dir;
  std::optional<std::filesystem::path> home_dir;
  std::optional<std::filesystem::path> runtime_dir;
};

/// The folders for `environment` (HOME, else the user database; JACKIN_CONFIG_DIR, JACKIN_HOME_DIR, JACKIN_RUNTIME_DIR,
/// XDG_RUNTIME_DIR) and `options`. Makes nothing. invalid_argument when a folder is not absolute, or when there is no
/// home folder.
Result<Paths> find_paths(const Environment& environment, const PathOptions& options = {});

/// `~/rest` and `~` with `home` in place of the tilde; any other path as it is.
std::filesystem::path expand_home(std::string_view path, const std::filesystem::path& home);
/// The reverse: a path below `home` as `~/rest`, for people to read.
std::string abbreviate_home(const std::filesystem::path& path, const std::filesystem::path& home);
/// The one spelling of `path` (absolute, or `~/rest`) by which it is known to be the same as another: below `home` with
/// the tilde, without doubled slashes and `.`. A `..` stays: behind a link it leads elsewhere than it looks.
std::string one_spelling(std::string_view path, const std::filesystem::path& home);

/// The folder of the running program's own binary, links resolved. Empty when the operating system does not say.
std::filesystem::path own_program_dir();

}  // namespace jackin
