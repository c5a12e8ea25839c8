#pragma once

#include <sys/types.h>

#include "common/result.hpp"
#include "daemon/platform/files.hpp"

namespace jackin::platform {

/// A descriptor that becomes readable, and stays so, when the child process `pid` has ended (a pidfd on Linux, a kqueue
/// with EVFILT_PROC on macOS). The child must not have been reaped, and is not reaped by this. Errors: io_failed.
Result<Descriptor> watch_exit(pid_t pid);

}  // namespace jackin::platform
