// SPDX-License-Identifier: Apache-2.0
// jackinctl: the command line of jackind.

#include <chrono>
#include <csignal>

#include "client/cli/launch_calls.hpp"
#include "client/cli/program.hpp"
#include "client/hook/hook.hpp"
#include "common/secret.hpp"
#include "proto/silence.hpp"

int main(int argc, char** argv) {
  using namespace jackin;
  using namespace jackin::client;

  silence_libraries();
  prepare_secrets();
  // A closed pipe on stdout must not end this process in the middle of a setup.
  std::signal(SIGPIPE, SIG_IGN);
  CommandContext context{Environment::of_this_process(),
                         [] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }};
  // Only these two commands receive a token, so only they disable core dumps and tracing.
  context.launch = [](const HookCommand& command) -> int { run_and_exit(command, harden_client(), connect_over_grpc); };
  return run_jackinctl({argv + 1, argv + argc}, context);
}
