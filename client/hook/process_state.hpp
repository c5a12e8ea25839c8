// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <sys/resource.h>

#include <vector>

namespace jackin::client {

/// What this process got from its caller and hands on to the command that it becomes. A value.
struct InheritedState {
  rlimit core_limit{};
  sigset_t signal_mask{};
  std::vector<int> descriptors;  ///< Open above 2, sorted.
};

/// First thing in main: notes what was inherited, then no core dumps, not dumpable and so not traceable (Linux:
/// PR_SET_DUMPABLE, macOS: PT_DENY_ATTACH), SIGPIPE ignored. Ends the program when the system refuses, since a token
/// would not be safe here.
InheritedState harden_client();

/// Just before the exec: core limit and signal mask as they were, SIGPIPE as every program expects it (gRPC ignores it
/// before main, so what was inherited cannot be told); every descriptor that was not inherited
/// closes with the exec, but `keep` (-1: none). exec itself makes the command dumpable again (Linux: prctl(2)).
void hand_back(const InheritedState& inherited, int keep);

/// The descriptors above 2 that are open now, sorted.
std::vector<int> open_descriptors();

/// The system's part of harden_client: no other process of this user may look into this one. False when refused.
bool forbid_tracing();

}  // namespace jackin::client
