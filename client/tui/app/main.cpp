// SPDX-License-Identifier: Apache-2.0
// jackin-tui: the full-screen client of jackind.

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

#include "client/rpc/exit_code.hpp"
#include "client/terminal/error_text.hpp"
#include "client/tui/app/app.hpp"
#include "common/os/core_dumps.hpp"
#include "common/secret.hpp"
#include "common/version.hpp"
#include "proto/silence.hpp"

namespace {

constexpr const char* help =
    "Create, store and check the Claude Code tokens of your workspaces in a full-screen view.\n"
    "Usage: jackin-tui [OPTIONS]\n"
    "\n"
    "Options:\n"
    "  -h,--help                   Print this help message and exit\n"
    "  --version                   Display program version information and exit\n"
    "\n"
    "Press ? in the program to show all keys.\n";

int fail(const jackin::Error& error, const jackin::Environment& environment) {
  using namespace jackin::client;
  std::fputs(error_text(error, Format::text, output_style_of(STDERR_FILENO, environment), {}).c_str(), stderr);
  return exit_code_for(error.reason);
}

int run(int argc, char** argv) {
  using namespace jackin;
  const Environment environment = Environment::of_this_process();
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--help" || argument == "-h") return std::fputs(help, stdout) < 0 ? client::exit_failed : 0;
    if (argument == "--version") {
      std::printf("jackin-tui %s\n", std::string(version()).c_str());
      return 0;
    }
    std::fputs("error: jackin-tui takes no arguments but --help and --version\n", stderr);
    return client::exit_usage;
  }
  tui::App app(environment, STDIN_FILENO, STDOUT_FILENO);
  const auto exit_code = app.run();
  const int code = exit_code ? *exit_code : fail(exit_code.error(), environment);
  std::fflush(nullptr);
  // A thread may still be connecting, so the process exits without waiting for it.
  _exit(code);
}

}  // namespace

int main(int argc, char** argv) {
  // Memory may hold a code.
  jackin::os::forbid_core_dumps();
  jackin::silence_libraries();
  jackin::prepare_secrets();
  // A closed terminal must not end this process before it has left its operations.
  std::signal(SIGPIPE, SIG_IGN);
  return run(argc, argv);
}
