// SPDX-License-Identifier: Apache-2.0
// jackin-hook: a launcher calls it before it starts claude.

#include <cstdio>
#include <variant>

#include "client/hook/hook.hpp"
#include "proto/silence_protobuf.hpp"

int main(int argc, char** argv) {
  using namespace jackin;
  using namespace jackin::client;

  silence_protobuf();
  // This comes first: from here on no other process of the user can trace this one.
  const InheritedState inherited = harden_client();

  const auto parsed = parse_hook_arguments({argv + 1, argv + argc});
  if (const auto* stop = std::get_if<ParseStop>(&parsed)) {
    std::fputs(stop->out.c_str(), stdout);
    std::fputs(stop->error.c_str(), stderr);
    return stop->exit_code;
  }

  run_and_exit(std::get<HookCommand>(parsed), inherited, connect_lightly);
}
