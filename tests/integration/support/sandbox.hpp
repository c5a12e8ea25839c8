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

/// A user's whole world in a temporary folder: home, configuration, state, runtime folder, a folder for fake programs
/// that is first on PATH, and an environment in which our programs find all that and nothing of the real user's. What
/// runs in it when it ends, an autostarted daemon too, is stopped.
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

  /// What every program started from here on gets.
  Environment environment;

  /// Writes jackind.toml: `text`, and an address of the API at which nobody listens. It is there from the start.
  void write_settings(std::string_view text = {});
  /// Writes a file below the configuration folder, e.g. `workspaces/demo.toml`.
  void write_config(std::string_view name, std::string_view text);
  std::string read_config(std::string_view name) const;

  /// A program of this build by its name: from bin/, libexec/jackin/ or the tests' own; an absolute path as it is.
  static std::filesystem::path built(std::string_view program);

  /// Starts a program in this world.
  Program start(std::string_view program, std::vector<std::string> arguments, std::vector<int> inherited = {}) const;
  /// Runs one to its end, `input` on its stdin.
  ProgramEnd run(std::string_view program, std::vector<std::string> arguments, std::string_view input = {}) const;

  /// Starts jackind in the foreground and returns once it is ready, or once it said why not: then the text says so, and
  /// is empty otherwise.
  std::string start_daemon(std::vector<std::string> arguments = {});
  /// SIGTERM; its exit code and all it said.
  ProgramEnd stop_daemon();
  /// The daemon that `start_daemon` started.
  Program& daemon() { return *daemon_; }

 private:
  void stop_autostarted_daemon() const;

  TempDir root_;
  Paths paths_;
  std::optional<Program> daemon_;  ///< Ends before the folder does.
};

}  // namespace jackin::test
