// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "common/environment.hpp"
#include "common/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::test {

/// A user's folders below a temporary home folder, at their default places. Nothing of the real user is used. The
/// folders of the configuration, of the session and of programs exist; jackind creates the others.
class Sandbox {
 public:
  Sandbox();
  /// A copy of every file of `other`.
  explicit Sandbox(const Sandbox& other);
  Sandbox& operator=(const Sandbox&) = delete;

  TempDir home;
  Paths paths;

  /// A folder that is first on PATH.
  std::filesystem::path bin() const { return home / "bin"; }
  /// HOME, and a PATH with `bin` first.
  Environment environment() const;
  /// Adds a program of that name to `bin`. It cannot run: the test answers for it.
  void put_on_path(std::string_view name) const;
  void take_off_path(std::string_view name) const;

  std::filesystem::path workspace_file(std::string_view name) const;
  /// Writes `workspaces/<name>.toml`.
  void workspace(std::string_view name, std::string_view text) const;
  std::string workspace_text(std::string_view name) const;
  /// Writes `config.toml`.
  void global(std::string_view text) const;

  /// Every file of the configuration by its name below the folder, without jackin's lock, which the first writer
  /// creates.
  std::map<std::string, std::string> configuration() const;
  /// Replaces a file of the configuration in one step, as most editors do: no reader ever sees half of it.
  void write_configuration(const std::string& name, std::string_view text) const;
};

}  // namespace jackin::test
