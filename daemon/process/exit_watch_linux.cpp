// SPDX-License-Identifier: Apache-2.0
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "daemon/process/exit_watch.hpp"

namespace jackin::process {

Result<os::Descriptor> watch_exit(pid_t pid) {
  // The descriptor is close-on-exec (pidfd_open(2)). A direct system call: glibc 2.36 declares pidfd_open without
  // extern "C".
  os::Descriptor watch(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!watch) return failure(error_from_errno("cannot watch a process", errno));
  return watch;
}

}  // namespace jackin::process
