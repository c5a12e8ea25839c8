// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/environment.hpp"
#include "tests/integration/support/program.hpp"
#include "tests/support/sandbox.hpp"

namespace jackin::test {

/// The programs of this build, as processes in a sandbox that outlives this object. Their environment leads to the
/// sandbox's folders, and to nothing of the real user. Every daemon that still runs in the sandbox at the end is
/// stopped, one that a client started too.
class Programs {
 public:
  explicit Programs(const Sandbox& sandbox);
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;
  ~Programs();

  /// The environment of every program started from here on.
  Environment environment;

  /// Writes jackind.toml: `text`, and an address of the API at which no server listens. The constructor calls it.
  void write_settings(std::string_view text = {}) const;

  /// A program of this build by its name: from bin/, libexec/jackin/ or the tests' own; an absolute path unchanged.
  static std::filesystem::path built(std::string_view program);

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

  const Sandbox& sandbox_;
  std::optional<Program> daemon_;
};

}  // namespace jackin::test
