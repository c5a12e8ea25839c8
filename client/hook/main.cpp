// SPDX-License-Identifier: Apache-2.0
// jackin-hook: a launcher calls it before it starts claude.

#include <unistd.h>

#include <cstdio>

#include "client/hook/hook.hpp"
#include "common/secret.hpp"
#include "proto/silence.hpp"

extern "C" char** environ;

int main(int argc, char** argv) {
  using namespace jackin;
  using namespace jackin::client;

  silence_libraries();
  // This comes first: from here on no other process of the user can trace this one.
  const InheritedState inherited = harden_client();
  prepare_secrets();

  const auto parsed = parse_hook_arguments({argv + 1, argv + argc});
  if (const auto* stop = std::get_if<ParseStop>(&parsed)) {
    std::fputs(stop->out.c_str(), stdout);
    std::fputs(stop->error.c_str(), stderr);
    return stop->exit_code;
  }

  const Environment environment = Environment::of_this_process();
  Hook hook({environment, environ, inherited, [&] { return connect_daemon(environment); },
             [](const std::string& text) { std::fputs(text.c_str(), stderr); },
             output_style_of(STDERR_FILENO, environment)});
  const int exit_code = hook.run(std::get<HookCommand>(parsed));
  std::fflush(nullptr);
  // The destructors of gRPC take longer than a probe. The operating system frees everything at once.
  _exit(exit_code);
}
