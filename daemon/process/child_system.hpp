// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "common/os/descriptor.hpp"
#include "common/result.hpp"

namespace jackin::process {

struct Pipe {
  os::Descriptor read_end;
  os::Descriptor write_end;
};

/// A pipe(2), both ends close-on-exec and none of the descriptors 0 to 2. Errors: io_failed.
Result<Pipe> make_pipe();

/// For a child between fork and exec; async-signal-safe. Exec then closes every descriptor from `first` on.
void close_on_exec_from(int first) noexcept;

/// For a child between fork and exec; async-signal-safe. Where the system supports it, the kernel kills the child when
/// `parent`, which forked it, ends. Returns false when `parent` has ended already.
bool end_with_parent(pid_t parent) noexcept;

/// A descriptor that becomes readable, and stays so, when the child process `pid` has ended (a pidfd on Linux, a kqueue
/// with EVFILT_PROC on macOS). The child must not have been reaped, and is not reaped by this. Errors: io_failed.
Result<os::Descriptor> watch_exit(pid_t pid);

}  // namespace jackin::process
