// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <string>

#include "client/cli/program.hpp"
#include "common/os/find_paths.hpp"

namespace jackin::client {
namespace {

// Becomes jackin-tui. Returns only when that fails.
int run_tui(const CommandContext& cli) {
  std::string program = (own_program_dir() / "jackin-tui").string();
  const std::array<char*, 2> arguments{program.data(), nullptr};
  execv(program.c_str(), arguments.data());
  if (errno == ENOENT) {
    return cli.fail(
        {Reason::program_missing, "jackin-tui is not installed beside this program, in " + own_program_dir().string(),
         Remedy::only_note("install jackin-tui there")},
        Format::text);
  }
  return cli.fail(error_from_errno("cannot start " + program, errno), Format::text);
}

}  // namespace

void add_tui(CLI::App& parent, Chosen& chosen) {
  CLI::App* command = parent.add_subcommand("tui", "Start jackin-tui, the full-screen client");
  command->callback([&chosen] { chosen = run_tui; });
}

}  // namespace jackin::client
