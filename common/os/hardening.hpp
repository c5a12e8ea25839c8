// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/result.hpp"

namespace jackin::os {

/// Call first in main. Disables core dumps (limit 0 and, on Linux, PR_SET_DUMPABLE 0, which also denies ptrace and
/// /proc/self to other processes of the user; on macOS PT_DENY_ATTACH). Sets umask 077, ignores SIGPIPE, opens
/// descriptors 0 to 2 if they are closed, and closes every other descriptor except those in `keep`. Errors: internal,
/// with the step that the system refused.
Result<> harden_process(const std::vector<int>& keep = {});

/// Raises the soft limit on locked memory to the hard limit. Secret reports whether that suffices.
void allow_locked_memory();

/// Whether this build wipes memory when it is freed (not under sanitizers, not in tests that do not link it). Defined
/// by the object that interposes free and realloc.
bool wipes_freed_memory();

}  // namespace jackin::os
