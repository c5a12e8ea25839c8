// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <sys/resource.h>

#include <vector>

namespace jackin::client {

/// The state that this process inherited and restores for the command that it executes. A value.
struct InheritedState {
  rlimit core_limit{};
  sigset_t signal_mask{};
  /// Open above 2, sorted. A process that executes a command sets them (`open_descriptors`) before it opens one itself.
  std::vector<int> descriptors;
};

/// Call before the process asks for a token: first in main, or first in the command that does so. Records the inherited
/// state, except the descriptors. Then disables core dumps and tracing (Linux: PR_SET_DUMPABLE,
/// macOS: PT_DENY_ATTACH) and ignores SIGPIPE. Exits when the system refuses, since a token would not be safe in this
/// process.
InheritedState harden_client();

/// Call just before exec. Restores the core limit and the signal mask. Sets SIGPIPE to its default, because in
/// jackinctl gRPC ignores it before main and the inherited action is unknown. exec closes every descriptor that was not
/// inherited, except `keep` (-1: none). exec itself makes the command dumpable again (Linux: prctl(2)).
void hand_back(const InheritedState& inherited, int keep);

/// Returns the open descriptors above 2, sorted.
std::vector<int> open_descriptors();

}  // namespace jackin::client
