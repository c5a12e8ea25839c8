// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/result.hpp"

namespace jackin::os {

/// First thing in main: no core dumps (limit 0 and, on Linux, PR_SET_DUMPABLE 0, which also denies ptrace and
/// /proc/self to other processes of the user; on macOS PT_DENY_ATTACH), umask 077, SIGPIPE ignored, descriptors 0 to
/// 2 made to exist, every other descriptor closed but those in `keep`. Errors: internal, with what was refused.
Result<> harden_process(const std::vector<int>& keep = {});

/// Raises the soft limit on locked memory to the hard one; Secret says whether that suffices.
void allow_locked_memory();

/// Whether memory is wiped when it is given back in this build (not under sanitizers, not in tests that do not link
/// it). Defined by the object that interposes free and realloc.
bool wipes_freed_memory();

}  // namespace jackin::os
