// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "daemon/process/child_system.hpp"

namespace jackin::process {
namespace {

// A program that was started with 0, 1 or 2 closed would get a pipe's end there, and the child's dup2 would overwrite
// it.
Result<os::Descriptor> above_standard(os::Descriptor descriptor) {
  if (descriptor.get() > STDERR_FILENO) return descriptor;
  os::Descriptor moved(fcntl(descriptor.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!moved) return failure(error_from_errno("cannot make a pipe", errno));
  return moved;
}

}  // namespace

Result<Pipe> make_pipe() {
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) return failure(error_from_errno("cannot make a pipe", errno));
  os::Descriptor read_end(ends[0]);
  os::Descriptor write_end(ends[1]);
  Pipe made;
  TRY(made.read_end, above_standard(std::move(read_end)));
  TRY(made.write_end, above_standard(std::move(write_end)));
  return made;
}

void close_on_exec_from(int first) noexcept {
  if (close_range(static_cast<unsigned>(first), ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  // A kernel before 5.11.
  const long limit = sysconf(_SC_OPEN_MAX);
  for (int fd = first; fd < limit; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

bool end_with_parent(pid_t parent) noexcept {
  // The kernel sends the signal when the thread that forked ends, not the process (prctl(2)). The daemon's own thread
  // starts all children and ends with the daemon.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return getppid() == parent;
}

Result<os::Descriptor> watch_exit(pid_t pid) {
  // The descriptor is close-on-exec (pidfd_open(2)). A direct system call: glibc 2.36 declares pidfd_open without
  // extern "C".
  os::Descriptor watch(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!watch) return failure(error_from_errno("cannot watch a process", errno));
  return watch;
}

}  // namespace jackin::process
