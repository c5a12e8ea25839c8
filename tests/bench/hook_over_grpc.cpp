// SPDX-License-Identifier: Apache-2.0
// jackin-hook with the transport of the other clients, grpc++. The benchmark compares the two.

#include <variant>

#include "client/cli/launch_calls.hpp"
#include "client/hook/hook.hpp"
#include "proto/silence.hpp"

int main(int argc, char** argv) {
  using namespace jackin;
  using namespace jackin::client;
  silence_libraries();
  const InheritedState inherited = harden_client();
  const auto parsed = parse_hook_arguments({argv + 1, argv + argc});
  if (const auto* stop = std::get_if<ParseStop>(&parsed)) return stop->exit_code;
  run_and_exit(std::get<HookCommand>(parsed), inherited, connect_over_grpc);
}
