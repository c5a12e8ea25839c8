// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "common/os/descriptor.hpp"
#include "common/result.hpp"

namespace jackin::process {

/// A descriptor that becomes readable, and stays so, when the child process `pid` has ended (a pidfd on Linux, a kqueue
/// with EVFILT_PROC on macOS). The child must not have been reaped, and is not reaped by this. Errors: io_failed.
Result<os::Descriptor> watch_exit(pid_t pid);

}  // namespace jackin::process
