// SPDX-License-Identifier: Apache-2.0
// `jackin-hook probe WORKSPACE` with a clock: the same steps, libraries and link options. It prints the monotonic time,
// in nanoseconds, at the start of main and at the end of each phase.

#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <variant>

#include "client/hook/arguments.hpp"
#include "client/hook/daemon_calls.hpp"
#include "client/hook/process_state.hpp"
#include "proto/silence_protobuf.hpp"

namespace {

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace jackin;
  using namespace jackin::client;
  std::array<std::int64_t, 5> times{};
  times[0] = now();
  silence_protobuf();
  harden_client();
  times[1] = now();
  const auto parsed = parse_hook_arguments({argv + 1, argv + argc});
  const auto* command = std::get_if<HookCommand>(&parsed);
  const auto* probe = command == nullptr ? nullptr : std::get_if<ProbeCommand>(command);
  if (probe == nullptr || !probe->scope.scope) return 2;
  times[2] = now();
  const Environment environment = Environment::of_this_process();
  auto daemon = connect_lightly(environment);
  if (!daemon) return 1;
  times[3] = now();
  if (!(*daemon)->probe(*probe->scope.scope)) return 1;
  times[4] = now();
  for (const auto time : times) std::printf("%lld\n", static_cast<long long>(time));
  std::fflush(nullptr);
  _exit(0);
}
