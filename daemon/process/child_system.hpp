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

/// For a child between fork and exec; async-signal-safe. Every descriptor from `first` on is closed by exec.
void close_on_exec_from(int first) noexcept;

/// For a child between fork and exec; async-signal-safe. Where the system can, the child is killed when `parent`, who
/// forked it, ends; false when that has happened already.
bool end_with_parent(pid_t parent) noexcept;

}  // namespace jackin::process
