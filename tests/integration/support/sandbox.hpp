// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/environment.hpp"
#include "common/paths.hpp"
#include "tests/integration/support/program.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::test {

/// A user's environment in a temporary folder: home, configuration, state, runtime folder, and a folder for fake
/// programs that is first on PATH. Our programs find these folders, and nothing of the real user. Every process that
/// still runs in it at its end is stopped, an autostarted daemon too.
class Sandbox {
 public:
  Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;
  ~Sandbox();

  const std::filesystem::path& root() const { return root_.path(); }
  const Paths& paths() const { return paths_; }
  /// A folder that is first on PATH, for fakes. Empty at first.
  std::filesystem::path programs_dir() const { return root_ / "programs"; }

  /// The environment of every program started from here on.
  Environment environment;

  /// Writes jackind.toml: `text`, and an address of the API at which no server listens. The constructor calls it.
  void write_settings(std::string_view text = {});
  /// Writes a file below the configuration folder, e.g. `workspaces/demo.toml`.
  void write_config(std::string_view name, std::string_view text);
  std::string read_config(std::string_view name) const;

  /// A program of this build by its name: from bin/, libexec/jackin/ or the tests' own; an absolute path unchanged.
  static std::filesystem::path built(std::string_view program);

  /// Starts a program in this sandbox.
  Program start(std::string_view program, std::vector<std::string> arguments, std::vector<int> inherited = {}) const;
  /// Runs a program to its end, with `input` on its stdin.
  ProgramEnd run(std::string_view program, std::vector<std::string> arguments, std::string_view input = {}) const;

  /// Starts jackind in the foreground. Returns an empty text once it is ready, or its error.
  std::string start_daemon(std::vector<std::string> arguments = {});
  /// Sends SIGTERM; returns the exit code and the output.
  ProgramEnd stop_daemon();
  /// The daemon that `start_daemon` started.
  Program& daemon() { return *daemon_; }

 private:
  void stop_autostarted_daemon() const;

  TempDir root_;
  Paths paths_;
  std::optional<Program> daemon_;  ///< Ends before the folder is removed.
};

}  // namespace jackin::test
